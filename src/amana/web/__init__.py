"""The people's door: pages over the services. Nothing is decided here."""
