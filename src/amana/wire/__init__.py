"""The partners' door: messages, cards and witnessing over mutual TLS 1.3."""
