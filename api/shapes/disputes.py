"""The shapes of disputes in requests and answers."""

from typing import Any

from rest_framework import serializers

from api.serializers import Choice, Language, StrictSerializer, Text
from reputation import languages
from reputation.disputes import CONTACT_LENGTH, STATEMENT_LENGTH
from reputation.models import Dispute


class DisputeRequest(StrictSerializer):
    grounds = Choice(Dispute.Grounds.values)
    statement = Text(
        max_length=STATEMENT_LENGTH, help_text="Why the listing is wrong, in your own words."
    )
    contact = Text(
        required=False,
        allow_blank=True,
        max_length=CONTACT_LENGTH,
        help_text=(
            "Address at which moderators can ask you. It is stored encrypted, is erased later, and "
            "is never published. Without it, a block stays in force during the dispute."
        ),
    )
    via = Choice(
        [Dispute.Via.SMS.value, Dispute.Via.VOICE.value],
        required=False,
        help_text="How to send the code; by default by text message to mobile lines, else by call.",
    )
    language = Language(
        languages.LANGUAGES,
        required=False,
        help_text="Language of the message with the code; by default the country's.",
    )


class DisputeReceipt(serializers.Serializer[Any]):
    id = serializers.UUIDField(
        help_text="Keep this id: everybody who has it can follow the dispute."
    )
    expires_at = serializers.DateTimeField(help_text="Until when the code is valid.")


class CodeRequest(StrictSerializer):
    code = Text(max_length=40, help_text="The code as received; spaces and dashes are ignored.")


class AppealRequest(StrictSerializer):
    statement = Text(max_length=STATEMENT_LENGTH, help_text="Why the decision is wrong.")


class DisputeAnswer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    number = serializers.CharField()
    status = Choice(Dispute.Status.values)
    grounds = Choice(Dispute.Grounds.values)
    opened_at = serializers.DateTimeField()
    expires_at = serializers.CharField(help_text="Until when the code is valid; otherwise empty.")
    verified_at = serializers.CharField()
    deadline_at = serializers.CharField(help_text="When a moderator decides at the latest.")
    held = serializers.BooleanField(
        help_text=(
            "Whether a block is reduced to `flag` until the decision, or some days after the "
            "deadline."
        )
    )
    decided_at = serializers.CharField()
    reason = serializers.CharField(help_text="The moderator's reason for the decision.")
    immune_until = serializers.CharField(
        help_text="If upheld: until then, reports alone do not list the number again."
    )
    appeal_until = serializers.CharField(help_text="If rejected: until when an appeal is possible.")
    appeal_of = serializers.CharField(help_text="Id of the dispute that this appeal is about.")
    appeal = serializers.CharField(help_text="Id of the appeal against this decision.")
