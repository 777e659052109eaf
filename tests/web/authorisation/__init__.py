"""Who may reach what: every address and every command, for everybody, against a table written by hand."""
