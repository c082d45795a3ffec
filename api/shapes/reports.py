"""The shapes of filing a report, alone or in bulk, and of reading one's own."""

from typing import Any

from rest_framework import serializers

from api.serializers import (
    ACTION_CHOICES,
    CATEGORY_CHOICES,
    Choice,
    Conducts,
    Country,
    Instant,
    StrictSerializer,
    Text,
    Truth,
    Whole,
)
from reputation.identity import MAX_INPUT
from reputation.models import Report
from reputation.reports import filing


class ReportRequest(StrictSerializer):
    number = Text(max_length=MAX_INPUT, help_text="The number that called, in any common notation.")
    category = Choice(CATEGORY_CHOICES)
    occurred_at = Instant(required=False, help_text="When the call came.")
    conduct = Conducts(required=False, max_length=len(Report.Conduct))
    comment = Text(required=False, allow_blank=True, max_length=filing.COMMENT_LENGTH)
    region = Country(
        required=False,
        trim_whitespace=False,
        help_text="ISO 3166 country for numbers in national format.",
    )
    attestation = Choice(
        Report.Attestation.values,
        required=False,
        help_text=(
            "A and B count only from keys of carriers and PBXs that verify calls; from others, "
            "like an empty value."
        ),
    )
    callback_number = Text(
        required=False,
        allow_blank=True,
        max_length=MAX_INPUT,
        help_text="The number that the caller asked to call back.",
    )
    claimed_name = Text(required=False, allow_blank=True, max_length=filing.CLAIMED_NAME_LENGTH)
    call_count = Whole(
        required=False,
        min_value=1,
        max_value=filing.MOST_CALLS,
        help_text="Number of calls in this report, without those of earlier reports.",
    )
    was_warned = Truth(
        required=False, help_text="Whether the call was shown as suspicious when it rang."
    )
    channel = Choice(Report.Channel.values, required=False)
    transcript = Text(
        required=False,
        allow_blank=True,
        max_length=filing.TRANSCRIPT_LENGTH,
        help_text="The words of the caller, written down by call screening. Masked like comments.",
    )
    other_accounts = Text(
        required=False,
        allow_blank=True,
        max_length=filing.ACCOUNTS_LENGTH,
        help_text=(
            "Other accounts, links and apps of the caller. They appear in complaints and are never "
            "public."
        ),
    )


class ReportReceipt(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    number = serializers.CharField()
    action = Choice(ACTION_CHOICES)
    score = serializers.IntegerField(min_value=0, max_value=100)
    next_steps = serializers.ListField(
        child=serializers.CharField(), help_text="What the person called can do, in English."
    )


class InvalidRow(serializers.Serializer[Any]):
    row = serializers.IntegerField(
        min_value=1, help_text="Number of the row, from 1, without the header."
    )
    input = serializers.CharField(allow_blank=True, help_text="The row as received, shortened.")
    error = serializers.CharField(help_text="The error, and how to correct it.")


class BulkReceipt(serializers.Serializer[Any]):
    saved = serializers.IntegerField(min_value=0)
    updated = serializers.IntegerField(
        min_value=0, help_text="Number of rows that updated an earlier report of yours."
    )
    invalid_total = serializers.IntegerField(min_value=0)
    invalid = InvalidRow(many=True, help_text="The first 10,000 invalid rows.")


class OwnReport(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    number = serializers.CharField()
    status = Choice(Report.Status.values)
    category = Choice(CATEGORY_CHOICES)
    conduct = Conducts()
    comment = serializers.CharField(allow_blank=True)
    occurred_at = serializers.CharField(allow_blank=True)
    channel = Choice(Report.Channel.values)
    attestation = Choice(Report.Attestation.values, allow_blank=True)
    callback_number = serializers.CharField(allow_blank=True)
    claimed_name = serializers.CharField(allow_blank=True)
    call_count = serializers.IntegerField()
    was_warned = serializers.BooleanField()
    filed_at = serializers.CharField()
    updated_at = serializers.CharField()
    transcript = serializers.CharField(required=False, help_text="Left out if there is none.")
    other_accounts = serializers.CharField(required=False, help_text="Left out if there are none.")
