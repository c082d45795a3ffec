"""Protocols of other services, so that their clients work after a change of the host alone."""
