"""`python -m ringscore` is the command `ringscore`."""

from ._cli import run

run()
