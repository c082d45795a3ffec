"""Formats columns alike in the whole panel: moments as 2026-11-28 00:02, figures with two decimals.

Django's own format would follow the language of the reader's browser and differ within a page, and
its icons for yes and no are read aloud in English.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from django.contrib import admin
from django.core.exceptions import FieldDoesNotExist
from django.db.models import BooleanField, DateTimeField, FloatField, Model
from django.utils import timezone
from django.utils.translation import gettext

NOTHING = "–"

_PUT_IN_FORM = (BooleanField, DateTimeField, FloatField)

type Column = str | Callable[[Any], Any]


def moment(at: Any) -> str:
    """A moment in the panel's time zone, UTC; "" for None."""
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else ""


def yes_or_no(said: bool) -> str:
    return gettext("yes") if said else gettext("no")


def in_form(model: type[Model], columns: Sequence[Any]) -> list[Any]:
    """The columns; those of moments and figures are replaced by functions that format them."""
    return [
        in_form(model, column) if isinstance(column, tuple | list) else _shown(model, column)
        for column in columns
    ]


def name_of(column: Column) -> str:
    return column if isinstance(column, str) else column.__name__


def _shown(model: type[Model], column: Column) -> Column:
    if not isinstance(column, str):
        return column
    try:
        field = model._meta.get_field(column)
    except FieldDoesNotExist:
        return column
    return _plain(model, column) if isinstance(field, _PUT_IN_FORM) else column


@cache
def _plain(model: type[Model], column: str) -> Column:
    field: Any = model._meta.get_field(column)

    @admin.display(description=field.verbose_name, ordering=column)
    def shown(row: Model) -> str:
        value = getattr(row, column)
        if value is None:
            return NOTHING
        if isinstance(field, BooleanField):
            return yes_or_no(value)
        return f"{value:.2f}" if isinstance(field, FloatField) else moment(value)

    shown.__name__ = column
    return shown
