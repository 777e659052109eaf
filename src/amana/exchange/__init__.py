"""What crosses the wire: canonical JSON, identities, signed and sealed messages, and the partner's client."""
