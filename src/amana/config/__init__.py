"""The frame: typed settings, the doors' addresses, and the way in for Django."""
