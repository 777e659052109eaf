"""Who watches: the Merkle log, its signed checkpoints, its witnesses, and proofs that hold without the node."""
