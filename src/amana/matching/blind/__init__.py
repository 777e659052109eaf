"""Hit or no hit: two nodes learn whether both hold a subject, and neither shows question or holdings."""
