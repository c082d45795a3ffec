"""The shapes of what moderators do together: proposals, notes, assigned and escalated items."""

from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer
from rest_framework import serializers

from api.serializers import Choice, StrictSerializer, Text
from api.shapes.moderation import EXAMPLES as MODERATION
from api.shapes.moderation import REASON_LENGTH, NumberEffect, UndoneLater
from reputation.models import Proposal as Stored
from reputation.moderation import handing, notes

PROPOSAL_STATES = [*Stored.State.values, "expired"]


class Changed(serializers.Serializer[Any]):
    """A difference between the effect that the proposer saw and the present effect. `was` and `now`
    are written as before → after."""

    about = serializers.CharField(help_text="A number, or `#` and the id of a decision.")
    was = serializers.CharField(allow_blank=True)
    now = serializers.CharField(allow_blank=True)


class Proposal(serializers.Serializer[Any]):
    """A decision that waits for a second moderator, and its present effect."""

    id = serializers.UUIDField()
    state = Choice(PROPOSAL_STATES)
    decision = serializers.CharField()
    about = serializers.CharField(help_text="The subject in words, or the number of subjects.")
    number = serializers.CharField(allow_blank=True)
    reason = serializers.CharField()
    by = serializers.CharField(help_text="The proposer's user name.")
    at = serializers.CharField()
    expires_at = serializers.CharField()
    answered_by = serializers.CharField(allow_blank=True)
    answer = serializers.CharField(allow_blank=True)
    decided = serializers.IntegerField(help_text="Id of the decision that resulted; 0 if none.")
    batch = serializers.CharField(
        allow_blank=True, help_text="Id of the batch of decisions that resulted."
    )
    effects = NumberEffect(
        many=True,
        help_text="The effects while the proposal waits; for a batch, on some of its numbers.",
    )
    changes = Changed(many=True, help_text="The differences while the proposal waits.")
    error = serializers.CharField(
        allow_blank=True, help_text="Why the proposal can no longer be carried out."
    )
    seen = serializers.CharField(allow_blank=True, help_text="Value to send with an approval.")


AnyDelay = PolymorphicProxySerializer(
    component_name="AnyDelay",
    serializers=[Proposal, UndoneLater],
    resource_type_field_name=None,
    many=False,
)


class ProposalList(serializers.Serializer[Any]):
    proposals = Proposal(many=True)


class Approval(StrictSerializer):
    """`seen`: the value of the proposal. An outdated value is refused."""

    seen = Text(max_length=64)
    reason = Text(max_length=REASON_LENGTH, required=False, allow_blank=True)


class Withdrawal(StrictSerializer):
    reason = Text(max_length=REASON_LENGTH, required=False, allow_blank=True)


class Assignment(StrictSerializer):
    to = Text(
        max_length=150,
        allow_blank=True,
        help_text="A user name; empty to assign the item to nobody.",
    )


class Escalation(StrictSerializer):
    question = Text(
        max_length=handing.QUESTION_LENGTH, help_text="Personal data is masked before it is stored."
    )


class NoteRequest(StrictSerializer):
    words = Text(
        max_length=notes.LONGEST,
        help_text="Only moderators can read it. Personal data is masked before it is stored.",
    )


class Note(serializers.Serializer[Any]):
    """A moderator's note to the others about a subject."""

    id = serializers.IntegerField()
    at = serializers.CharField()
    by = serializers.CharField()
    words = serializers.CharField()


class NoteList(serializers.Serializer[Any]):
    notes = Note(many=True)


_PROPOSAL = {
    "id": "0d1f0f1e-7a55-4b7e-9a3e-4c6a5c8d1f10",
    "state": "waiting",
    "decision": "pin_number",
    "about": "+442079460990",
    "number": "+442079460990",
    "reason": "An order of an authority.",
    "by": "anna",
    "at": "2026-11-24T12:00:00Z",
    "expires_at": "2026-11-27T12:00:00Z",
    "answered_by": "",
    "answer": "",
    "decided": 0,
    "batch": "",
    "effects": [MODERATION["NumberEffect"]],
    "changes": [],
    "error": "",
    "seen": "5f2b1c0e9a7d4b3f8c6e2d1a0b9c8d7e",
}
_NOTE = {"id": 7, "at": "2026-11-24T12:00:00Z", "by": "anna", "words": "Asked the bank; they call."}

EXAMPLES: dict[str, Any] = {
    "Changed": {"about": "+442079460990", "was": "flag listed → allow listed", "now": ""},
    "Proposal": _PROPOSAL,
    "ProposalList": {"proposals": [_PROPOSAL]},
    "Approval": {"seen": _PROPOSAL["seen"], "reason": "I read the order."},
    "Withdrawal": {"reason": "The order does not name this number."},
    "Assignment": {"to": "bert"},
    "Escalation": {"question": "Is this a bank's own line?"},
    "NoteRequest": {"words": _NOTE["words"]},
    "Note": _NOTE,
    "NoteList": {"notes": [_NOTE]},
}
