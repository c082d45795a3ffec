"""The shapes of filing a report, alone or in bulk, and of reading one's own."""

from typing import Any

from rest_framework import serializers

from api.serializers import (
    ACTION_CHOICES,
    CATEGORY_CHOICES,
    TWO_LETTERS,
    Conducts,
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
    number = Text(max_length=MAX_INPUT, help_text="Who called, in any common notation.")
    category = serializers.ChoiceField(CATEGORY_CHOICES)
    occurred_at = Instant(required=False, help_text="When the call came.")
    conduct = Conducts(required=False, max_length=len(Report.Conduct))
    comment = Text(required=False, allow_blank=True, max_length=filing.COMMENT_LENGTH)
    region = Text(
        trim_whitespace=False,
        required=False,
        min_length=2,
        max_length=2,
        shape=TWO_LETTERS,
        help_text="ISO 3166 country of national formats.",
    )
    attestation = serializers.ChoiceField(
        Report.Attestation.values,
        required=False,
        help_text="A and B count from keys of carriers and PBXs that verify calls; else as empty.",
    )
    callback_number = Text(
        required=False,
        allow_blank=True,
        max_length=MAX_INPUT,
        help_text="The number one was told to call.",
    )
    claimed_name = Text(required=False, allow_blank=True, max_length=filing.CLAIMED_NAME_LENGTH)
    call_count = Whole(
        required=False,
        min_value=1,
        max_value=filing.MOST_CALLS,
        help_text="Calls that this report tells of, without those of earlier reports.",
    )
    was_warned = Truth(
        required=False, help_text="The call was already shown as suspicious when it rang."
    )
    channel = serializers.ChoiceField(Report.Channel.values, required=False)
    transcript = Text(
        required=False,
        allow_blank=True,
        max_length=filing.TRANSCRIPT_LENGTH,
        help_text="What the caller said, as call screening wrote it. Masked like comments.",
    )
    other_accounts = Text(
        required=False,
        allow_blank=True,
        max_length=filing.ACCOUNTS_LENGTH,
        help_text="Other accounts, links and apps of the caller. In complaints, never public.",
    )


class ReportReceipt(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    number = serializers.CharField()
    action = serializers.ChoiceField(ACTION_CHOICES)
    score = serializers.IntegerField(min_value=0, max_value=100)
    next_steps = serializers.ListField(child=serializers.CharField())


class InvalidRow(serializers.Serializer[Any]):
    row = serializers.IntegerField(min_value=1, help_text="Counted from 1, header not counted.")
    input = serializers.CharField(allow_blank=True, help_text="The row as it came, shortened.")
    error = serializers.CharField(help_text="What is wrong and what to do.")


class BulkReceipt(serializers.Serializer[Any]):
    saved = serializers.IntegerField(min_value=0)
    updated = serializers.IntegerField(min_value=0, help_text="You had reported these before.")
    invalid_total = serializers.IntegerField(min_value=0)
    invalid = InvalidRow(many=True, help_text="The first 10,000 of them.")


class OwnReport(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    number = serializers.CharField()
    status = serializers.ChoiceField(Report.Status.values)
    category = serializers.ChoiceField(CATEGORY_CHOICES)
    conduct = Conducts()
    comment = serializers.CharField(allow_blank=True)
    occurred_at = serializers.CharField(allow_blank=True)
    channel = serializers.ChoiceField(Report.Channel.values)
    attestation = serializers.ChoiceField(Report.Attestation.values, allow_blank=True)
    callback_number = serializers.CharField(allow_blank=True)
    claimed_name = serializers.CharField(allow_blank=True)
    call_count = serializers.IntegerField()
    was_warned = serializers.BooleanField()
    filed_at = serializers.CharField()
    updated_at = serializers.CharField()
    transcript = serializers.CharField(required=False, help_text="Only where there is one.")
    other_accounts = serializers.CharField(required=False, help_text="Only where there are some.")
