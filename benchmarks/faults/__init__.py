"""Acknowledged writes under faults: what is lost, doubled or wrong, and how long a lookup takes."""
