"""Reading the memory: every read takes a viewpoint; what it hides is hidden before anything is counted."""
