"""A check looks at one thing and finds one thing: that it is well, or what is wrong, what that
means and what to do.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Final

from django.utils.functional import Promise


class Level(IntEnum):
    """OK; UNCHECKED: nobody can tell from here; ADVICE: it works, but not as a service for
    strangers should; DEGRADED: a part does not work; BROKEN: requests cannot be answered.
    """

    OK = 0
    UNCHECKED = 1
    ADVICE = 2
    DEGRADED = 3
    BROKEN = 4


@dataclass(frozen=True, slots=True)
class Finding:
    """`word`: one for programs, which tells strangers nothing. `wrong`, `meaning`, `remedy`: a
    sentence each, for who runs the service; empty if all is well.
    """

    level: Level = Level.OK
    word: str = "ok"
    wrong: str = ""
    meaning: str = ""
    remedy: str = ""


WELL: Final = Finding()


@dataclass(frozen=True, slots=True)
class Check:
    """`name` is for programs, `title` for people. `public`: /readyz asks it, every few seconds and
    for anybody. `costly`: it calls other servers, so that only a person who waits asks it; `slow`:
    for a minute. `stored`: it asks the database.
    """

    name: str
    title: str | Promise
    find: Callable[[datetime], Finding]
    public: bool = False
    costly: bool = False
    slow: bool = False
    stored: bool = False
