"""The shapes of files kept with reports and disputes, in answers."""

from typing import Any

from rest_framework import serializers

from api.serializers import SHA256, Text
from reputation.reports import filing


class EvidenceRecord(serializers.Serializer[Any]):
    """An entry of a report's evidence log."""

    report = serializers.UUIDField()
    position = serializers.IntegerField(min_value=1)
    sha256 = serializers.RegexField(SHA256, help_text="SHA-256 of the content.")
    size = serializers.IntegerField(min_value=1, help_text="Size of the content in bytes.")
    type = serializers.CharField(help_text="Media type, determined from the content.")
    name = serializers.CharField(allow_blank=True, help_text="The name of the file as sent.")
    added_at = serializers.CharField(help_text="RFC 3339 UTC, to the microsecond.")
    previous = serializers.RegexField(
        SHA256, help_text="Digest of the previous entry; zeros for the first."
    )
    digest = serializers.RegexField(
        SHA256,
        help_text="SHA-256 of all the fields above as JSON: keys sorted, no spaces, ASCII.",
    )
    erased_at = serializers.CharField(
        required=False,
        help_text=(
            "Only if the file was erased: then `name` is empty, and `digest` covers the former "
            "name."
        ),
    )


class Said(serializers.Serializer[Any]):
    """Fields that may accompany a file."""

    transcript = Text(required=False, allow_blank=True, max_length=filing.TRANSCRIPT_LENGTH)


class ReportEvidence(serializers.Serializer[Any]):
    report = serializers.UUIDField()
    results = EvidenceRecord(many=True)


class DisputeFileRecord(serializers.Serializer[Any]):
    """A file of a dispute. Only moderators can read its content."""

    position = serializers.IntegerField(min_value=1)
    sha256 = serializers.RegexField(SHA256, help_text="SHA-256 of the content.")
    size = serializers.IntegerField(min_value=1, help_text="Size of the content in bytes.")
    type = serializers.CharField(help_text="Media type, determined from the content.")
    name = serializers.CharField(allow_blank=True, help_text="The name of the file as sent.")
    added_at = serializers.CharField(help_text="RFC 3339 UTC.")


class DisputeEvidence(serializers.Serializer[Any]):
    dispute = serializers.UUIDField()
    results = DisputeFileRecord(many=True)
