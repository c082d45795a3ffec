"""Progress bars of commands."""

import sys
from argparse import ArgumentParser, BooleanOptionalAction
from typing import Any

from tqdm import tqdm


def add_progress(parser: ArgumentParser) -> None:
    """The option by which an operator wants a bar or not."""
    parser.add_argument(
        "--progress",
        action=BooleanOptionalAction,
        help="show a progress bar (default: when standard error is a terminal)",
    )


def bar(wanted: bool | None, **shape: Any) -> "tqdm[Any]":
    """A bar on standard error. `wanted`: the option's value; None: only on a terminal."""
    return tqdm(file=sys.stderr, disable=None if wanted is None else not wanted, **shape)
