"""Makes models from decoded JSON. A field of another type than it should have is a BadAnswer."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import MISSING, fields
from datetime import date, datetime
from typing import Any, TypeVar

from ._exceptions import BadAnswer
from ._models import (
    Action,
    Answer,
    Category,
    ChangesPage,
    Evidence,
    FeedInfo,
    Grounds,
    OwnList,
    PublicReport,
    Unreadable,
)

# Before the name in a rule of one's own list.
NAME = "name:"
_Model = TypeVar("_Model")


def _moment(value: Any) -> datetime | None:
    # Python 3.10 does not read the Z.
    return datetime.fromisoformat(_text(value).replace("Z", "+00:00")) if value else None


def _some_moment(value: Any) -> datetime:
    moment = _moment(value)
    if moment is None:
        raise ValueError("an empty time")
    return moment


def _id_or_none(value: Any) -> uuid.UUID | None:
    return uuid.UUID(_text(value)) if value else None


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def _integer(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{value!r} is no integer")
    return value


def _number(value: Any) -> float:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise TypeError(f"{value!r} is no number")
    return float(value)


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{value!r} is neither true nor false")
    return value


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError(f"{value!r} is no list")
    return tuple(_text(each) for each in value)


def _public_reports(value: Any) -> tuple[PublicReport, ...]:
    return tuple(read(PublicReport, each) for each in value)


# By annotation, which `from __future__ import annotations` keeps as text.
_READ: dict[str, Any] = {
    "str": _text,
    "int": _integer,
    "float": _number,
    "bool": _truth,
    "Action": Action,
    "Category": Category,
    "Grounds": Grounds,
    "uuid.UUID": uuid.UUID,
    "uuid.UUID | None": _id_or_none,
    "date": date.fromisoformat,
    "datetime": _some_moment,
    "datetime | None": _moment,
    "tuple[str, ...]": _texts,
    "tuple[PublicReport, ...]": _public_reports,
}


def read(model: type[_Model], body: Any) -> _Model:
    """A model from decoded JSON, without the fields that it does not know. Raises BadAnswer."""
    if not isinstance(body, Mapping):
        raise BadAnswer(f"The server's answer is no {model.__name__}.")
    try:
        return model(
            **{
                field.name: _READ[field.type](body[field.name])  # type: ignore[index]
                for field in fields(model)  # type: ignore[arg-type]
                if field.name in body or field.default is MISSING
            }
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadAnswer(
            f"The server's answer is no {model.__name__}: {type(error).__name__} {error}"
        ) from error


def read_bulk(body: Any) -> list[Answer | Unreadable]:
    """The results of a bulk lookup, in order. Raises BadAnswer."""
    if not isinstance(body, Mapping) or not isinstance(body.get("results"), list):
        raise BadAnswer("The server's answer is no bulk lookup.")
    return [
        read(Unreadable, each)
        if isinstance(each, Mapping) and "error" in each
        else read(Answer, each)
        for each in body["results"]
    ]


def read_evidence(body: Any) -> list[Evidence]:
    """The log of a report's evidence, oldest first. Raises BadAnswer."""
    if not isinstance(body, Mapping) or not isinstance(body.get("results"), list):
        raise BadAnswer("The server's answer is no list of evidence.")
    return [read(Evidence, each) for each in body["results"]]


def read_feeds(body: Any) -> list[FeedInfo]:
    """The feeds of a server. Raises BadAnswer."""
    if not isinstance(body, Mapping) or not isinstance(body.get("feeds"), list):
        raise BadAnswer("The server's answer is no list of feeds.")
    return [read(FeedInfo, each) for each in body["feeds"]]


def read_own_list(body: Any) -> OwnList:
    """One's own list. Raises BadAnswer."""
    try:
        rules = [(Action(each["action"]), _text(each["prefix"])) for each in body["rules"]]
        names = [
            (Action(each["action"]), _text(each["pattern"]).removeprefix(NAME))
            for each in body["rules"]
            if each["pattern"].startswith(NAME)
        ]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadAnswer(f"The server's answer is no list: {error}") from None
    sides = {
        side: tuple(prefix for action, prefix in rules if action is side and prefix.strip("*"))
        for side in (Action.ALLOW, Action.BLOCK)
    }
    named = {
        side: tuple(name for action, name in names if action is side)
        for side in (Action.ALLOW, Action.BLOCK)
    }
    return OwnList(
        sides[Action.ALLOW],
        sides[Action.BLOCK],
        (Action.BLOCK, "*") in rules,
        named[Action.ALLOW],
        named[Action.BLOCK],
    )


def read_changes(body: Any) -> ChangesPage:
    """A page of a feed's changes. Raises BadAnswer."""
    try:
        changes: dict[str, Action | None] = {}
        for each in body["changes"]:
            action = Action(each["action"])
            changes[_text(each["number"])] = None if action is Action.ALLOW else action
        checksum = _text(body["checksum"])
        if len(checksum) != 64:
            raise ValueError(f"a checksum of {len(checksum)} digits")
        page = ChangesPage(
            changes, _integer(body["cursor"]), int(checksum, 16), _number(body["min_wait"])
        )
        if page.cursor < 0 or page.min_wait < 0:
            raise ValueError("a negative cursor or wait")
    except (KeyError, TypeError, ValueError) as error:
        raise BadAnswer(
            f"The server's answer is no page of changes: {type(error).__name__} {error}"
        ) from error
    return page
