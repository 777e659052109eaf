"""Amana: what one agency entrusts to another stays its originator's."""

__version__ = "0.1.0"
