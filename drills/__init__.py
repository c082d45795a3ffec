"""Drills: disasters caused on purpose, and the guides' own commands against them."""
