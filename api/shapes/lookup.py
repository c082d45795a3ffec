"""The shapes of lookups."""

from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema_serializer
from rest_framework import serializers

from api.serializers import (
    ACTION_CHOICES,
    CATEGORY_CHOICES,
    Choice,
    Conducts,
    Country,
    Several,
    StrictSerializer,
    Text,
)
from reputation.identity import REMEDIES
from reputation.lookup import LINES
from reputation.models import Report
from reputation.scoring import Status

CAMPAIGN_ID = (
    "Id of the known campaign whose words the reports use; left out without one. See "
    "/v1/campaigns/{id}."
)
BULK_LOOKUP = 1000


class BulkLookupRequest(StrictSerializer):
    numbers = Several(
        child=Text(allow_blank=True, trim_whitespace=False),
        min_length=1,
        max_length=BULK_LOOKUP,
        help_text="In any notation; each may have another.",
    )
    region = Country(required=False, trim_whitespace=False)


class NumberAnswer(serializers.Serializer[Any]):
    """What is known about a number. The object is flat, and no field is null."""

    number = serializers.CharField(help_text="The canonical form of the number.")
    action = Choice(ACTION_CHOICES)
    score = serializers.IntegerField(
        min_value=0, max_value=100, help_text="Probability in percent that a call now is unwanted."
    )
    confidence = serializers.FloatField(
        min_value=0, max_value=1, help_text="How much independent evidence stands behind the score."
    )
    status = Choice(
        [status.value for status in Status],
        help_text="unknown: nobody reported it. clear: reports do not suffice for a flag. listed: "
        "flagged or blocked. official: verified by moderators. disputed: its holder objects, and "
        "it is not blocked meanwhile. spoofed: callers fake it, or it never calls. reassigned: it "
        "has a new holder, and earlier reports do not count.",
    )
    category = serializers.CharField(
        allow_blank=True, help_text="What most reports say: one of /v1/categories, or empty."
    )
    reports = serializers.IntegerField(
        min_value=0, help_text="Number of valid reports and complaints."
    )
    reporters = serializers.IntegerField(min_value=0, help_text="Number of different reporters.")
    first_reported_at = serializers.CharField(
        allow_blank=True,
        help_text=(
            "RFC 3339 UTC, or empty. It is midnight of the day; below five reporters, midnight of "
            "the week's Monday."
        ),
    )
    last_reported_at = serializers.CharField(
        allow_blank=True,
        help_text=(
            "RFC 3339 UTC, or empty. It is midnight of the day; below five reporters, midnight of "
            "the week's Monday."
        ),
    )
    name = serializers.CharField(
        allow_blank=True, help_text="The verified holder of an official number, or empty."
    )
    country = serializers.CharField(allow_blank=True, help_text="ISO 3166 alpha-2, or empty.")
    line_type = serializers.CharField(help_text=f"One of {', '.join(LINES)}, unknown.")
    reasons = serializers.ListField(
        child=serializers.CharField(), help_text="Why, in English sentences."
    )
    advice = serializers.CharField(
        allow_blank=True, help_text="What the person called can do, in English; or empty."
    )
    redress_url = serializers.URLField(help_text="The page where the number's holder objects.")
    ttl = serializers.IntegerField(
        min_value=0, help_text="Seconds for which clients may keep this answer."
    )
    own_rule = serializers.CharField(
        required=False,
        help_text=(
            "The pattern of your own list that decided; left out otherwise. `action` is that "
            "pattern's action."
        ),
    )
    campaign = serializers.CharField(
        required=False,
        help_text=CAMPAIGN_ID,
    )


class CampaignNumber(serializers.Serializer[Any]):
    number = serializers.CharField()
    action = Choice(ACTION_CHOICES)


class CampaignAnswer(serializers.Serializer[Any]):
    """Reports on several numbers that are about the same caller."""

    id = serializers.CharField(help_text="The id stays the same when reports are grouped again.")
    words = serializers.ListField(
        child=serializers.CharField(),
        help_text="Phrases that several reporters used; figures, links and names are masked.",
    )
    category = serializers.CharField()
    reports = serializers.IntegerField(min_value=0)
    numbers = serializers.IntegerField(min_value=0)
    confirmed = serializers.BooleanField(
        help_text="Whether a moderator has confirmed the campaign as unwanted."
    )
    first_reported_on = serializers.DateField(
        help_text="With few reporters, the Monday of the week."
    )
    last_reported_on = serializers.DateField()
    listed = CampaignNumber(
        many=True, help_text="The listed numbers of the campaign, newest first."
    )


class RangeAnswer(serializers.Serializer[Any]):
    """What is known about the numbers with the same beginning."""

    prefix = serializers.CharField(help_text="The canonical form of the beginning.")
    action = Choice(ACTION_CHOICES, help_text="Never `block`.")
    score = serializers.IntegerField(
        min_value=0,
        max_value=100,
        help_text=(
            "Probability in percent that a call from one of these numbers is unwanted; 0 if "
            "nothing is known."
        ),
    )
    known = serializers.IntegerField(
        min_value=0, help_text="Number of those with evidence or a decision."
    )
    listed = serializers.IntegerField(
        min_value=0, help_text="Number of the known ones that are flagged or blocked."
    )
    share = serializers.FloatField(
        min_value=0, max_value=1, help_text="`listed` divided by `known`."
    )


class BucketScheme(serializers.Serializer[Any]):
    """How to hash a number for a private lookup."""

    hash = serializers.CharField()
    drop_digits = serializers.IntegerField(
        help_text="How many of the last digits to leave out before hashing."
    )
    prefix_bits = serializers.DictField(
        child=serializers.IntegerField(),
        help_text="Number of bits to send, by ISO 3166 country; `default` for all others.",
    )
    max_age = serializers.IntegerField(help_text="Seconds for which clients may keep a bucket.")


class BucketEntry(serializers.Serializer[Any]):
    """A listed number. Entries that begin with +0 are padding."""

    number = serializers.CharField()
    action = Choice(ACTION_CHOICES)
    score = serializers.IntegerField(min_value=0, max_value=100)
    category = serializers.CharField(allow_blank=True)


class BucketAnswer(serializers.Serializer[Any]):
    """All listed numbers and ranges whose hashes begin with the prefix."""

    prefix = serializers.CharField()
    numbers = BucketEntry(many=True)
    ranges = RangeAnswer(many=True)


class NotANumber(serializers.Serializer[Any]):
    input = serializers.CharField(help_text="The text as sent.")
    error = serializers.CharField(help_text="The error, and how to correct it, in English.")
    code = serializers.CharField(help_text=f"One of {', '.join(REMEDIES)}.")


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
    """The public part of a report: no reporter, no time of day, and personal data is masked."""

    category = Choice(CATEGORY_CHOICES)
    conduct = Conducts()
    comment = serializers.CharField(allow_blank=True)
    claimed_name = serializers.CharField(allow_blank=True)
    channel = Choice(Report.Channel.values)
    attestation = Choice(Report.Attestation.values, allow_blank=True)
    reported_on = serializers.DateField(help_text="The day, or the Monday of the week.")
    transcript = serializers.CharField(required=False, help_text="Left out if there is none.")


class PublicReports(serializers.Serializer[Any]):
    number = serializers.CharField()
    results = PublicReport(many=True)
    next = serializers.CharField(allow_blank=True, help_text="Cursor of the next page, or empty.")
