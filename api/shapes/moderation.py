"""The shapes of moderation in requests and answers, with an example of each."""

from typing import Any

from rest_framework import serializers

from api.serializers import CATEGORY_CHOICES, Choice, StrictSerializer, Text
from reputation import quality
from reputation.decisions import NAME_LENGTH, PANEL_ONLY, RULES, SOURCE_LENGTH
from reputation.disputes import CONTACT_LENGTH, STATEMENT_LENGTH
from reputation.models import Dispute, QueueItem, Report
from reputation.scoring import Action, Status

REASON_LENGTH = 2000
KINDS = sorted(RULES.keys() - PANEL_ONLY)
STATUSES = [each.value for each in Status]
VERDICTS = sorted({verb for answers in quality.ANSWERS.values() for verb in answers})
REPORT_STATUSES = Report.Status.values
# Those that show personal data are for the panel alone, too.
DECISIONS = sorted(rule.verb for kind in KINDS for rule in RULES[kind].values() if not rule.shows)


class SubjectName(StrictSerializer):
    """The subject of a decision."""

    kind = Choice(KINDS)
    id = Text(
        max_length=260,
        help_text=(
            "For a number its E.164 form, for a report or dispute its id, for a reporter kind and "
            "handle (`key:k3f9s2m7`), for a campaign its key, for a published list its domain."
        ),
    )


class PreviewRequest(StrictSerializer):
    """A decision to preview. `offered` of the subject names the particulars that each decision
    needs."""

    subject = SubjectName()
    decision = Choice(DECISIONS)
    action = Choice([each.value for each in Action], required=False)
    until = serializers.DateField(required=False, help_text="The last day, in UTC.")
    since = serializers.DateField(required=False, help_text="The first day, in UTC.")
    name = Text(
        required=False, max_length=NAME_LENGTH, help_text="The name in the verified directory."
    )
    source = Text(  # type: ignore[assignment]  # a declared field, not the attribute
        required=False,
        max_length=SOURCE_LENGTH,
        help_text="Where the number of the holder is published.",
    )
    keep = serializers.UUIDField(
        required=False, help_text="Id of the report into which this one is merged."
    )
    grounds = Choice(Dispute.Grounds.values, required=False)
    statement = Text(required=False, max_length=STATEMENT_LENGTH)
    contact = Text(required=False, allow_blank=True, max_length=CONTACT_LENGTH)


class DecisionRequest(PreviewRequest):
    """A decision to take. `seen`: the value of the preview or of the subject."""

    reason = Text(
        max_length=REASON_LENGTH, help_text="The reason is recorded, and the holder may ask for it."
    )
    seen = serializers.IntegerField(
        min_value=0,
        help_text="The value of `seen` when you looked at the subject or the preview; else 0.",
    )


class ReasonRequest(StrictSerializer):
    reason = Text(max_length=REASON_LENGTH)


class ItemSubject(serializers.Serializer[Any]):
    """The subject of an item of the queue. Messages can be decided only in the panel."""

    kind = Choice(sorted({*KINDS, "intakemessage", "secondreview"}))
    id = serializers.CharField()


class Item(serializers.Serializer[Any]):
    """A case that waits for a moderator."""

    id = serializers.IntegerField()
    kind = Choice(QueueItem.Kind.values)
    subject = ItemSubject()
    number = serializers.CharField(allow_blank=True)
    harm = serializers.FloatField(
        help_text="Estimated harm; the items with the greatest come first."
    )
    found_at = serializers.CharField()
    deadline_at = serializers.CharField(
        allow_blank=True, help_text="The deadline of a dispute; empty for other items."
    )
    claimed_by = serializers.CharField(allow_blank=True)
    claimed_until = serializers.CharField(allow_blank=True)
    assigned_to = serializers.CharField(allow_blank=True, help_text="A moderator's user name.")
    escalation = serializers.CharField(
        allow_blank=True,
        help_text="The question to the senior moderators, if the item was handed to them.",
    )


class Queue(serializers.Serializer[Any]):
    waiting = serializers.IntegerField(
        help_text="Number of waiting items of this kind, also those that are not in `items`."
    )
    items = Item(many=True)


class PublicAnswer(serializers.Serializer[Any]):
    action = Choice([each.value for each in Action])
    status = Choice(STATUSES)
    score = serializers.IntegerField(min_value=0, max_value=100)


class OfferedDecision(serializers.Serializer[Any]):
    decision = Choice(DECISIONS)
    particulars = serializers.ListField(
        child=serializers.CharField(), help_text="Fields that the request must have."
    )


class RecordedDecision(serializers.Serializer[Any]):
    """A recorded decision."""

    id = serializers.IntegerField()
    decision = serializers.CharField()
    at = serializers.CharField()
    by = serializers.CharField(help_text="The moderator's user name.")
    reason = serializers.CharField()
    batch = serializers.CharField(
        allow_blank=True,
        help_text="Id of the batch, whose decisions are taken and undone together; or empty.",
    )
    undone = serializers.BooleanField()


class UndoneLater(serializers.Serializer[Any]):
    """A batch of decisions that is being taken back, and has to wait until an earlier decision
    about one of its reporters is carried out. It goes on by itself within minutes; `undone` of each
    decision, in the case of its subject, says when."""

    batch = serializers.UUIDField()
    undone = serializers.IntegerField(help_text="How many of its decisions are taken back by now.")
    decisions = serializers.IntegerField(help_text="How many decisions it has.")


class SpokenReport(serializers.Serializer[Any]):
    """A report as moderators see it; personal data in its words is masked."""

    id = serializers.UUIDField()
    category = Choice(CATEGORY_CHOICES)
    status = Choice(REPORT_STATUSES)
    at = serializers.CharField()
    words = serializers.CharField(allow_blank=True)
    hidden = serializers.BooleanField()
    established = serializers.BooleanField()
    reporter = serializers.CharField(help_text="Kind and handle, as in a subject's id.")
    cluster = serializers.IntegerField(
        help_text="Number of the group of reporters who act as one; 0 if none."
    )


class Case(serializers.Serializer[Any]):
    """A subject, its number, and the possible decisions about it."""

    subject = SubjectName()
    number = serializers.CharField(allow_blank=True)
    told = PublicAnswer(
        help_text="The public answer for the number; without a number, that for an unknown one."
    )
    statement = serializers.CharField(
        allow_blank=True, help_text="The statement of a dispute, masked."
    )
    reports = SpokenReport(
        many=True, help_text="The newest reports on the number or by the reporter."
    )
    decisions = RecordedDecision(
        many=True, help_text="The decisions about the subject, newest first."
    )
    offered = OfferedDecision(many=True)
    seen = serializers.IntegerField(help_text="Value to send with a decision.")


class NumberEffect(serializers.Serializer[Any]):
    number = serializers.CharField()
    before = PublicAnswer()
    after = PublicAnswer()


class DecisionPreview(serializers.Serializer[Any]):
    """What the decision would change. The service took it, read the result, and rolled it back."""

    effects = NumberEffect(many=True)
    seen = serializers.IntegerField(help_text="Value to send with the decision.")
    two_persons = serializers.BooleanField(
        help_text="Whether a second moderator must approve the decision."
    )


class ReviewedReport(serializers.Serializer[Any]):
    """A report as it was filed, without what was decided about it."""

    at = serializers.CharField()
    number = serializers.CharField()
    category = Choice(CATEGORY_CHOICES)
    words = serializers.CharField(allow_blank=True, help_text="Personal data is masked.")
    established = serializers.BooleanField()
    cluster = serializers.IntegerField(
        help_text="Number of the group of reporters who act as one; 0 if none."
    )
    asked = serializers.BooleanField(help_text="Whether the question is about this report.")


class EarlierDecision(serializers.Serializer[Any]):
    decision = serializers.CharField()
    at = serializers.CharField()


class ReviewedCase(serializers.Serializer[Any]):
    """A decided case as it was before the decision."""

    question = Choice(sorted(quality.ANSWERS), help_text="The question to judge.")
    answers = serializers.ListField(child=Choice(VERDICTS))
    at = serializers.CharField(help_text="When the case was decided.")
    number = serializers.CharField(allow_blank=True)
    reporter = serializers.CharField(allow_blank=True)
    action = serializers.CharField(
        allow_blank=True, help_text="The public answer before the decision."
    )
    score = serializers.IntegerField(
        help_text="The score before the decision; 0 if the case is about a reporter."
    )
    statement = serializers.CharField(allow_blank=True, help_text="The holder's statement, masked.")
    reports = ReviewedReport(many=True)
    earlier = EarlierDecision(many=True)


class JudgementRequest(ReasonRequest):
    verdict = Choice(VERDICTS, help_text="One of the case's answers.")


class Judgement(serializers.Serializer[Any]):
    """A recorded second judgement."""

    verdict = Choice(VERDICTS)
    at = serializers.CharField()


_SUBJECT = {"kind": "number", "id": "+442079460990"}
_FLAGGED = {"action": "flag", "status": "listed", "score": 89}
_CLEAR = {"action": "allow", "status": "clear", "score": 0}
_DECISION = {
    "id": 4711,
    "decision": "clear_number",
    "at": "2026-11-24T12:00:00Z",
    "by": "anna",
    "reason": "Called the number: it is a bakery.",
    "batch": "",
    "undone": False,
}
_REPORT = {
    "id": "7363f356-c450-465e-bf3c-3b1560f1800b",
    "category": "telemarketing",
    "status": "live",
    "at": "2026-11-24T09:30:00Z",
    "words": "Says ▇▇▇ is my lawyer",
    "hidden": False,
    "established": False,
    "reporter": "key:k3f9s2m7",
    "cluster": 40,
}
_ITEM = {
    "id": 12,
    "kind": "number",
    "subject": _SUBJECT,
    "number": "+442079460990",
    "harm": 3.2,
    "found_at": "2026-11-24T10:00:00Z",
    "deadline_at": "",
    "claimed_by": "",
    "claimed_until": "",
    "assigned_to": "",
    "escalation": "",
}
_ASKED = {"subject": _SUBJECT, "decision": "clear_number"}

_REVIEWED = {
    "at": "2026-11-24T09:30:00Z",
    "number": "+442079460990",
    "category": "telemarketing",
    "words": "Says ▇▇▇ is my lawyer",
    "established": False,
    "cluster": 40,
    "asked": False,
}

EXAMPLES: dict[str, Any] = {
    "ReviewedReport": _REVIEWED,
    "EarlierDecision": {"decision": "mark_spoofed", "at": "2026-10-02T08:00:00Z"},
    "ReviewedCase": {
        "question": "number",
        "answers": ["confirm_number", "clear_number", "mark_spoofed", "leave"],
        "at": "2026-11-24T12:00:00Z",
        "number": "+442079460990",
        "reporter": "",
        "action": "flag",
        "score": 89,
        "statement": "",
        "reports": [_REVIEWED],
        "earlier": [],
    },
    "JudgementRequest": {"verdict": "clear_number", "reason": "Called the number: a bakery."},
    "Judgement": {"verdict": "clear_number", "at": "2026-11-25T12:00:00Z"},
    "ItemSubject": _SUBJECT,
    "SubjectName": _SUBJECT,
    "PreviewRequest": _ASKED,
    "DecisionRequest": _ASKED | {"reason": "Called the number: it is a bakery.", "seen": 0},
    "ReasonRequest": {"reason": "It was about another number."},
    "Item": _ITEM,
    "Queue": {"waiting": 1, "items": [_ITEM]},
    "PublicAnswer": _FLAGGED,
    "OfferedDecision": {"decision": "pin_number", "particulars": ["action", "until"]},
    "RecordedDecision": _DECISION,
    "UndoneLater": {
        "batch": "0d1f0f1e-7a55-4b7e-9a3e-4c6a5c8d1f10",
        "undone": 0,
        "decisions": 3,
    },
    "SpokenReport": _REPORT,
    "Case": {
        "subject": _SUBJECT,
        "number": "+442079460990",
        "told": _FLAGGED,
        "statement": "",
        "reports": [_REPORT],
        "decisions": [],
        "offered": [{"decision": "clear_number", "particulars": []}],
        "seen": 0,
    },
    "NumberEffect": {"number": "+442079460990", "before": _FLAGGED, "after": _CLEAR},
    "DecisionPreview": {
        "effects": [{"number": "+442079460990", "before": _FLAGGED, "after": _CLEAR}],
        "seen": 0,
        "two_persons": False,
    },
}
