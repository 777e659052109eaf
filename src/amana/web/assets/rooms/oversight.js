// The overseer's pages, partners and agreements.
