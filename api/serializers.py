"""The fields and base classes of the shapes of requests and answers (`api.shapes`)."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from rest_framework import serializers

from reputation.models import Report
from reputation.scoring import CATEGORIES, Action

CONDUCT_CHOICES = Report.Conduct.values
CATEGORY_CHOICES = sorted(CATEGORIES)
ACTION_CHOICES = [action.value for action in Action]
SHA256 = "^[0-9a-f]{64}$"


class StrictSerializer(serializers.Serializer[Any]):
    """Unknown fields are errors: a misspelt optional field would otherwise be lost in silence."""

    default_error_messages = {
        "invalid": 'Send an object, such as {{"name":"value"}}: this is of the kind {datatype}.',
        "null": 'Send an object, such as {{"name":"value"}}: null is none.',
    }

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            unknown = sorted(set(data) - set(self.fields))
            if unknown:
                known = ", ".join(self.fields)
                raise serializers.ValidationError(
                    {
                        str(name): [f"There is no such field. The fields are: {known}."]
                        for name in unknown
                    },
                    code="unknown-field",
                )
        return super().to_internal_value(data)


# An error of every field below.
_NULL: dict[str, Any] = {"null": "Give a value, or leave the field out: null is none."}


class Text(serializers.CharField):
    """A string, never a number: 13812345678.0 read as digits would be another phone number.

    `shape`: additions to its schema in the API document.
    """

    default_error_messages = _NULL | {
        "invalid": "Give a text, in quotes.",
        "blank": "Give a text: this one is empty.",
    }

    def __init__(self, *, shape: dict[str, Any] | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.shape = shape or {}

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        value: str = super().to_internal_value(data)
        return value


class Country(Text):
    """A country by its two letters. Which of them exist is for the domain to say."""

    WORDS = "Pass an ISO 3166 alpha-2 code, such as CN or GB."
    default_error_messages = dict.fromkeys(("blank", "min_length", "max_length"), WORDS)

    def __init__(self, **options: Any) -> None:
        super().__init__(
            shape={"pattern": "^[A-Za-z]{2}$"},
            min_length=2,
            max_length=2,
            **options,
        )


class Choice(serializers.ChoiceField):
    """One of a few words; the errors name them."""

    default_error_messages = _NULL

    def __init__(self, choices: Any, **options: Any) -> None:
        super().__init__(choices, **options)
        use = f"Use one of: {', '.join(map(str, self.choices))}."
        self.error_messages["invalid_choice"] = f'"{{input}}" is not valid. {use}'
        self.error_messages["required"] = f"This field is required. {use}"


class Language(Choice):
    """A language by its tag, in which capitals mean nothing: Apple writes zh-Hans."""

    def to_internal_value(self, data: Any) -> Any:
        return super().to_internal_value(data.lower() if isinstance(data, str) else data)


class Whole(serializers.IntegerField):
    """An integer, not a string that looks like one."""

    default_error_messages = _NULL | {"invalid": "Give a whole number, without quotes."}

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, str):
            self.fail("invalid")
        value: int = super().to_internal_value(data)
        return value


class Truth(serializers.BooleanField):
    """true or false; words for them are errors."""

    default_error_messages = _NULL | {"invalid": "Give true or false, without quotes."}

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class Instant(serializers.DateTimeField):
    """A moment with an offset: without one it would differ between countries."""

    _WORDS = "Give a time with its offset from UTC, such as 2026-11-24T18:30:00+08:00."
    default_error_messages = _NULL | {
        "offset": "Give the offset from UTC as well, such as 2026-11-24T18:30:00+08:00.",
        **dict.fromkeys(("invalid", "date", "overflow"), _WORDS),
    }

    def enforce_timezone(self, value: datetime) -> datetime:
        if timezone.is_naive(value):
            self.fail("offset")
        moment: datetime = super().enforce_timezone(value)
        return moment


class Several(serializers.ListField):
    """A list, also of one."""

    default_error_messages = _NULL | {
        "not_a_list": "Give a list, in square brackets: this is of the kind {input_type}."
    }


class Conducts(Several):
    """Acts of the caller, without duplicates."""

    child = Choice(CONDUCT_CHOICES)

    def run_validation(self, data: Any = serializers.empty) -> list[str]:
        return list(dict.fromkeys(super().run_validation(data)))


class FieldProblem(serializers.Serializer[Any]):
    pointer = serializers.CharField(help_text="JSON pointer to the wrong field.")
    code = serializers.CharField()
    detail = serializers.CharField()


class Problem(serializers.Serializer[Any]):
    """Problem details (RFC 9457)."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    request_id = serializers.CharField(
        help_text=(
            "The value of the header X-Request-Id, also in the service's log. Quote it in "
            "questions to the operator."
        )
    )
    errors = FieldProblem(many=True, required=False)  # type: ignore[assignment]
