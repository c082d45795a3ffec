"""The shapes of requests, and of answers for OpenAPI. The domain checks the meaning.

Those of one subject are in `api.shapes`.
"""

from datetime import datetime
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema_serializer
from rest_framework import serializers

from reputation.models import OwnRule, Report
from reputation.scoring import CATEGORIES, Action, Status

CAMPAIGN_ID = (
    "Only of a number whose reports use the words of a known campaign: its id, see "
    "/v1/campaigns/{id}."
)
BULK_LOOKUP = 1000

CONDUCT_CHOICES = Report.Conduct.values
CATEGORY_CHOICES = sorted(CATEGORIES)
ACTION_CHOICES = [action.value for action in Action]
OWN_ACTION_CHOICES = list(OwnRule.Action.values)
TWO_LETTERS = {"pattern": "^[A-Za-z]{2}$"}
SHA256 = "^[0-9a-f]{64}$"


class StrictSerializer(serializers.Serializer[Any]):
    """Unknown fields are errors: a misspelt optional field would otherwise be lost in silence."""

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


class Text(serializers.CharField):
    """A string, never a number: 13812345678.0 read as digits would be another phone number.

    `shape`: additions to its schema in the API document.
    """

    def __init__(self, *, shape: dict[str, Any] | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.shape = shape or {}

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        value: str = super().to_internal_value(data)
        return value


class Whole(serializers.IntegerField):
    """An integer, not a string that looks like one."""

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, str):
            self.fail("invalid")
        value: int = super().to_internal_value(data)
        return value


class Truth(serializers.BooleanField):
    """true or false; words for them are errors."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class Instant(serializers.DateTimeField):
    """A moment with an offset: without one it would differ between countries."""

    default_error_messages = {
        "offset": "Give the offset from UTC as well, such as 2026-11-24T18:30:00+08:00."
    }

    def enforce_timezone(self, value: datetime) -> datetime:
        if timezone.is_naive(value):
            self.fail("offset")
        moment: datetime = super().enforce_timezone(value)
        return moment


class Conducts(serializers.ListField):
    """Acts of the caller, without duplicates."""

    child = serializers.ChoiceField(Report.Conduct.values)

    def run_validation(self, data: Any = serializers.empty) -> list[str]:
        return list(dict.fromkeys(super().run_validation(data)))


class BulkLookupRequest(StrictSerializer):
    numbers = serializers.ListField(
        child=Text(allow_blank=True, trim_whitespace=False), min_length=1, max_length=BULK_LOOKUP
    )
    region = Text(
        required=False, min_length=2, max_length=2, shape=TWO_LETTERS, trim_whitespace=False
    )


class FieldProblem(serializers.Serializer[Any]):
    pointer = serializers.CharField(help_text="JSON pointer of the field at fault.")
    code = serializers.CharField()
    detail = serializers.CharField()


class Problem(serializers.Serializer[Any]):
    """Problem details, RFC 9457."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    request_id = serializers.CharField(
        help_text="As in the header X-Request-Id and in the log of the service: quote it to ask."
    )
    errors = FieldProblem(many=True, required=False)  # type: ignore[assignment]


class NumberAnswer(serializers.Serializer[Any]):
    """What is known of a number: flat, and nothing in it is null."""

    number = serializers.CharField(help_text="Canonical identity.")
    action = serializers.ChoiceField(ACTION_CHOICES)
    score = serializers.IntegerField(
        min_value=0, max_value=100, help_text="Probability in percent that a call now is unwanted."
    )
    confidence = serializers.FloatField(
        min_value=0, max_value=1, help_text="How much independent evidence stands behind the score."
    )
    status = serializers.ChoiceField([status.value for status in Status])
    category = serializers.CharField(allow_blank=True)
    reports = serializers.IntegerField(min_value=0, help_text="Standing reports and complaints.")
    reporters = serializers.IntegerField(min_value=0)
    first_reported_at = serializers.CharField(
        allow_blank=True,
        help_text="RFC 3339 UTC, or empty: midnight of the day; below five reporters, of its "
        "week's Monday.",
    )
    last_reported_at = serializers.CharField(
        allow_blank=True,
        help_text="RFC 3339 UTC, or empty: midnight of the day; below five reporters, of its "
        "week's Monday.",
    )
    name = serializers.CharField(allow_blank=True)
    country = serializers.CharField(allow_blank=True)
    line_type = serializers.CharField()
    reasons = serializers.ListField(child=serializers.CharField())
    advice = serializers.CharField(allow_blank=True)
    redress_url = serializers.URLField()
    ttl = serializers.IntegerField(min_value=0, help_text="Seconds for which this may be kept.")
    own_rule = serializers.CharField(
        required=False,
        help_text="Only if your own list decides: the pattern. `action` is its action then.",
    )
    campaign = serializers.CharField(
        required=False,
        help_text=CAMPAIGN_ID,
    )


class CampaignNumber(serializers.Serializer[Any]):
    number = serializers.CharField()
    action = serializers.ChoiceField(ACTION_CHOICES)


class CampaignAnswer(serializers.Serializer[Any]):
    """Reports on several numbers that speak of the same caller."""

    id = serializers.CharField(help_text="Outlasts new groupings of the reports.")
    words = serializers.ListField(
        child=serializers.CharField(),
        help_text="Phrases that several reporters used; figures, links and names are masked.",
    )
    category = serializers.CharField()
    reports = serializers.IntegerField(min_value=0)
    numbers = serializers.IntegerField(min_value=0)
    confirmed = serializers.BooleanField(help_text="A moderator confirmed it as unwanted.")
    first_reported_on = serializers.DateField(help_text="Of few reporters, its week's Monday.")
    last_reported_on = serializers.DateField()
    listed = CampaignNumber(many=True, help_text="Its numbers that are listed, newest first.")


class RangeAnswer(serializers.Serializer[Any]):
    """What is known of the numbers that begin alike."""

    prefix = serializers.CharField(help_text="Canonical.")
    action = serializers.ChoiceField(ACTION_CHOICES, help_text="A range is never blocked.")
    score = serializers.IntegerField(
        min_value=0,
        max_value=100,
        help_text="Chance in percent that a call from one of them is unwanted; 0: nothing known.",
    )
    known = serializers.IntegerField(
        min_value=0, help_text="Numbers of which there is evidence or a decision."
    )
    listed = serializers.IntegerField(min_value=0, help_text="Those of them flagged or blocked.")
    share = serializers.FloatField(min_value=0, max_value=1, help_text="listed / known.")


class BucketScheme(serializers.Serializer[Any]):
    """How to hash a number for a private lookup."""

    hash = serializers.CharField()
    drop_digits = serializers.IntegerField(help_text="Last digits to leave out before hashing.")
    prefix_bits = serializers.DictField(
        child=serializers.IntegerField(),
        help_text="Bits to send, by ISO 3166 country; default for all others.",
    )
    max_age = serializers.IntegerField(help_text="Seconds for which a bucket may be kept.")


class BucketEntry(serializers.Serializer[Any]):
    """A listed number; one that begins with +0 only fills up."""

    number = serializers.CharField()
    action = serializers.ChoiceField(ACTION_CHOICES)
    score = serializers.IntegerField(min_value=0, max_value=100)
    category = serializers.CharField(allow_blank=True)


class BucketAnswer(serializers.Serializer[Any]):
    """Every listed number and range under one prefix of the hash."""

    prefix = serializers.CharField()
    numbers = BucketEntry(many=True)
    ranges = RangeAnswer(many=True)


class NotANumber(serializers.Serializer[Any]):
    input = serializers.CharField()
    error = serializers.CharField()
    code = serializers.CharField()


@extend_schema_serializer(many=False)
class BulkLookupAnswer(serializers.Serializer[Any]):
    results = serializers.ListField(
        child=PolymorphicProxySerializer(
            component_name="NumberOrError",
            serializers=[NumberAnswer, NotANumber],
            resource_type_field_name=None,
        )
    )


class PublicReport(serializers.Serializer[Any]):
    """What anybody may read of a report: no reporter, no time of day, personal data masked."""

    category = serializers.ChoiceField(CATEGORY_CHOICES)
    conduct = Conducts()
    comment = serializers.CharField(allow_blank=True)
    claimed_name = serializers.CharField(allow_blank=True)
    channel = serializers.ChoiceField(Report.Channel.values)
    attestation = serializers.ChoiceField(Report.Attestation.values, allow_blank=True)
    reported_on = serializers.DateField()
    transcript = serializers.CharField(required=False, help_text="Only where there is one.")


class PublicReports(serializers.Serializer[Any]):
    number = serializers.CharField()
    results = PublicReport(many=True)
    next = serializers.CharField(allow_blank=True, help_text="Cursor of the next page, or empty.")
