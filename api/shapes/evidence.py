"""The shapes of files kept with reports and disputes, in answers."""

from typing import Any

from rest_framework import serializers

from api.serializers import SHA256, Text
from reputation.reports import filing


class EvidenceRecord(serializers.Serializer[Any]):
    """An entry of a report's log of evidence."""

    report = serializers.UUIDField()
    position = serializers.IntegerField(min_value=1)
    sha256 = serializers.RegexField(SHA256, help_text="Of the content.")
    size = serializers.IntegerField(min_value=1, help_text="Bytes.")
    type = serializers.CharField(help_text="Media type, told from the content.")
    name = serializers.CharField(allow_blank=True, help_text="The file's name as it was sent.")
    added_at = serializers.CharField(help_text="RFC 3339 UTC, to the microsecond.")
    previous = serializers.RegexField(
        SHA256, help_text="Digest of the entry before; zeros when there is none."
    )
    digest = serializers.RegexField(
        SHA256,
        help_text="SHA-256 of all the fields above as JSON: keys sorted, no spaces, ASCII.",
    )
    erased_at = serializers.CharField(
        required=False,
        help_text="Only of an erased file: `name` is empty, and `digest` what it was before.",
    )


class Said(serializers.Serializer[Any]):
    """What comes beside a file of evidence."""

    transcript = Text(required=False, allow_blank=True, max_length=filing.TRANSCRIPT_LENGTH)


class ReportEvidence(serializers.Serializer[Any]):
    report = serializers.UUIDField()
    results = EvidenceRecord(many=True)


class DisputeFileRecord(serializers.Serializer[Any]):
    """A file of a dispute. Its content is for moderators alone."""

    position = serializers.IntegerField(min_value=1)
    sha256 = serializers.RegexField(SHA256, help_text="Of the content.")
    size = serializers.IntegerField(min_value=1, help_text="Bytes.")
    type = serializers.CharField(help_text="Media type, told from the content.")
    name = serializers.CharField(allow_blank=True, help_text="The file's name as it was sent.")
    added_at = serializers.CharField(help_text="RFC 3339 UTC.")


class DisputeEvidence(serializers.Serializer[Any]):
    dispute = serializers.UUIDField()
    results = DisputeFileRecord(many=True)
