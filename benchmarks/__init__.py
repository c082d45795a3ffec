"""Benchmarks of Ringscore against references, one command each."""
