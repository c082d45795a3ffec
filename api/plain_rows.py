"""Reads rows whose fields are plainly valid, in a tenth of the serializer's time.

Plain values are a subset of what the serializer accepts, within its own limits and choices, and
give the same result. The serializer reads all other rows, and words each error; a property test
compares the two.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from rest_framework import serializers

from api.serializers import Conducts, Instant, Text, Truth, Whole

type Read = Callable[[Any], Any]


class NotPlain(Exception):
    """Only the serializer can read the value."""


class PlainRows:
    """The plain rows of one serializer."""

    def __init__(self, serializer: serializers.Serializer[Any]) -> None:
        fields = serializer.fields
        self._readers = {name: _reader(field) for name, field in fields.items()}
        self._required = {name for name, field in fields.items() if field.required}

    def read(self, row: dict[str, Any]) -> dict[str, Any] | None:
        """The serializer's result for a plain row; None for any other."""
        readers = self._readers
        try:
            found = {name: readers[name](value) for name, value in row.items()}
        except (NotPlain, KeyError):
            return None
        return found if self._required <= found.keys() else None


def _reader(field: Any) -> Read:
    match field:
        case Text():
            return _text(field)
        case serializers.ChoiceField():
            return _choice(field)
        case Whole():
            return _whole(field)
        case Truth():
            return _truth
        case Instant():
            return _instant(field)
        case Conducts():
            return _conducts(field)
    return _unknown


def _unknown(value: Any) -> Any:
    raise NotPlain


def _text(field: Text) -> Read:
    trims, blank, least, most = (
        field.trim_whitespace,
        field.allow_blank,
        field.min_length or 1,
        field.max_length or 0,
    )

    def read(value: Any) -> str:
        if type(value) is not str:
            raise NotPlain
        if trims:
            value = value.strip()
        if blank and not value:
            return ""
        if not least <= len(value) <= most or "\0" in value:
            raise NotPlain
        if not value.isascii() and any("\ud800" <= char <= "\udfff" for char in value):
            raise NotPlain
        return str(value)

    return read


def _choice(field: serializers.ChoiceField) -> Read:
    choices = {value: value for value in field.choices if isinstance(value, str)}

    def read(value: Any) -> str:
        if type(value) is not str or value not in choices:
            raise NotPlain
        return choices[value]

    return read


def _whole(field: Whole) -> Read:
    least, most = field.min_value, field.max_value
    if least is None or most is None:
        return _unknown

    def read(value: Any) -> int:
        if type(value) is not int or not least <= value <= most:
            raise NotPlain
        return value

    return read


def _truth(value: Any) -> bool:
    if value is not True and value is not False:
        raise NotPlain
    return bool(value)


def _instant(field: Instant) -> Read:
    def read(value: Any) -> datetime:
        try:
            return field.enforce_timezone(datetime.fromisoformat(value))
        except (ValueError, TypeError, serializers.ValidationError):
            raise NotPlain from None

    return read


def _conducts(field: Conducts) -> Read:
    child, most = _choice(field.child), field.max_length or 0

    def read(value: Any) -> list[str]:
        if type(value) is not list or len(value) > most:
            raise NotPlain
        return list(dict.fromkeys(map(child, value)))

    return read
