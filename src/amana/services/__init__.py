"""What one may do: one verb, one function, one transaction. Doors speak to these and to the domain only."""
