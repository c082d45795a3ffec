"""What begins anew in a child, after a fork: threads and locks of the parent are not there."""

from __future__ import annotations

import os
import weakref
from typing import Protocol


class Forked(Protocol):
    """Something that a fork copies."""

    def _start_anew(self) -> None:
        """Leaves to the parent what the parent goes on using."""


_forked: weakref.WeakSet[Forked] = weakref.WeakSet()


def anew_in_children(each: Forked) -> None:
    """Has `each` start anew in every child."""
    _forked.add(each)


def _start_all_anew() -> None:
    for each in list(_forked):
        each._start_anew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_start_all_anew)
