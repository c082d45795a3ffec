"""The shapes of disputes in requests and answers."""

from typing import Any

from rest_framework import serializers

from api.serializers import StrictSerializer, Text
from reputation import languages
from reputation.disputes import CONTACT_LENGTH, STATEMENT_LENGTH
from reputation.models import Dispute


class DisputeRequest(StrictSerializer):
    grounds = serializers.ChoiceField(Dispute.Grounds.values)
    statement = Text(max_length=STATEMENT_LENGTH, help_text="What is wrong, in your words.")
    contact = Text(
        required=False,
        allow_blank=True,
        max_length=CONTACT_LENGTH,
        help_text=(
            "Where moderators can ask back. Kept encrypted, erased in time, never shown. Without "
            "one nothing is held meanwhile."
        ),
    )
    via = serializers.ChoiceField(
        [Dispute.Via.SMS.value, Dispute.Via.VOICE.value],
        required=False,
        help_text="How the code is to come; by default what suits the line. Mobiles get texts.",
    )
    language = serializers.ChoiceField(
        languages.LANGUAGES, required=False, help_text="Of the code's words; else the country's."
    )


class DisputeReceipt(serializers.Serializer[Any]):
    id = serializers.UUIDField(help_text="Keep it: whoever has it may follow the dispute.")
    expires_at = serializers.DateTimeField(help_text="Until when the code is good.")


class CodeRequest(StrictSerializer):
    code = Text(max_length=40, help_text="As it came; spaces and dashes may stay.")


class AppealRequest(StrictSerializer):
    statement = Text(max_length=STATEMENT_LENGTH, help_text="What the decision overlooked.")


class DisputeAnswer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    number = serializers.CharField()
    status = serializers.ChoiceField(Dispute.Status.values)
    grounds = serializers.ChoiceField(Dispute.Grounds.values)
    opened_at = serializers.DateTimeField()
    expires_at = serializers.CharField(help_text="Until when the code is good, else empty.")
    verified_at = serializers.CharField()
    deadline_at = serializers.CharField(help_text="By when a moderator decides.")
    held = serializers.BooleanField(
        help_text="Block is held at flag, until the decision or some days after the deadline."
    )
    decided_at = serializers.CharField()
    reason = serializers.CharField(help_text="Why it was decided so, in the moderator's words.")
    immune_until = serializers.CharField(
        help_text="Upheld: until then reports alone do not list the number again."
    )
    appeal_until = serializers.CharField(help_text="Rejected: until when an appeal is possible.")
    appeal_of = serializers.CharField(help_text="The dispute that this is the appeal of.")
    appeal = serializers.CharField(help_text="The appeal against this decision.")
