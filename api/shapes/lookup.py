"""The shapes of lookups."""

from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema_serializer
from rest_framework import serializers

from api.serializers import (
    ACTION_CHOICES,
    CATEGORY_CHOICES,
    TWO_LETTERS,
    Conducts,
    StrictSerializer,
    Text,
)
from reputation.models import Report
from reputation.scoring import Status

CAMPAIGN_ID = (
    "Only of a number whose reports use the words of a known campaign: its id, see "
    "/v1/campaigns/{id}."
)
BULK_LOOKUP = 1000


class BulkLookupRequest(StrictSerializer):
    numbers = serializers.ListField(
        child=Text(allow_blank=True, trim_whitespace=False), min_length=1, max_length=BULK_LOOKUP
    )
    region = Text(
        required=False, min_length=2, max_length=2, shape=TWO_LETTERS, trim_whitespace=False
    )


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
