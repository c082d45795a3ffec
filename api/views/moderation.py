"""Moderation by a moderator's own key: cases, previews, decisions, undoing."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api.callers import moderator_of
from api.errors import InvalidField
from api.filing import identify_field
from api.models import MODERATE
from api.shapes.moderation import (
    KINDS,
    Case,
    DecisionPreview,
    DecisionRequest,
    PreviewRequest,
    ReasonRequest,
    RecordedDecision,
)
from api.shapes.proposals import AnyDelay, Proposal
from api.views.common import IDEMPOTENCY_KEY, ApiView, problems
from edge import rfc3339
from reputation import decisions, quality
from reputation.decisions import RULES, Rule
from reputation.models import (
    AuditEntry,
    DecisionBatch,
    Dispute,
    Number,
    Report,
    Reporter,
)
from reputation.models import Proposal as Stored
from reputation.moderation import Signed, batches, meanwhile, permissions, previews
from reputation.privacy import mask
from reputation.scoring import Action, Status

NEWEST = 100
REFUSALS = (400, 401, 403, 404, 409, 413)
# Optional particulars.
OPTIONAL = frozenset({"contact"})


class ModerationView(ApiView):
    limit = "moderate"
    scope = MODERATE

    def moderator(self) -> User:
        """The moderator for whom the key decides. Raises ScopeMissing, NotPermitted."""
        moderator = moderator_of(self.caller)
        if not moderator.has_perm(permissions.WORK_QUEUE):
            raise decisions.NotPermitted
        return moderator

    def by(self, body: dict[str, Any]) -> Signed:
        """Who decides, why and when."""
        return {"actor": self.moderator(), "reason": body.get("reason", ""), "now": self.now}

    def find(self, kind: str, name: str, field: str) -> Any:
        """The subject of this kind and name. Raises SubjectNotFound, InvalidField, JudgedBlind."""
        if kind == "number":
            name = identify_field(field, name, self.caller.region).key
        subject = decisions.find(kind, name)
        quality.require_open(self.moderator(), subject, now=self.now)
        return subject


class SubjectView(ModerationView):
    @extend_schema(
        operation_id="read_case",
        summary="A subject, and the possible decisions about it",
        description=(
            "Personal data in words is masked; only the panel shows it in clear, and evidence. "
            "Refused with `judged-blind` while the moderator judges a decision about the subject "
            "blind."
        ),
        parameters=[
            OpenApiParameter("kind", OpenApiTypes.STR, OpenApiParameter.PATH, enum=KINDS),
            OpenApiParameter(
                "name", OpenApiTypes.STR, OpenApiParameter.PATH, description="Id of the subject."
            ),
        ],
        responses={200: Case, **problems(400, 401, 403, 404, 409)},
    )
    def get(self, request: Request, kind: str, name: str) -> Response:
        moderator = self.moderator()
        subject = self.find(kind, name, "name")
        number = decisions.number_of(subject)
        entries = meanwhile.about(subject).select_related("actor", "undone_by")
        return Response(
            {
                "subject": {"kind": kind, "id": decisions.name_of(subject)},
                "number": number.key if number else "",
                "told": public_answer(number),
                "statement": mask(subject.statement) if isinstance(subject, Dispute) else "",
                "reports": [_report(report) for report in _reports(subject, number)],
                "decisions": [decision_shown(entry) for entry in entries.order_by("-id")[:NEWEST]],
                "offered": [
                    {
                        "decision": rule.verb,
                        "particulars": [name for name in rule.fields if name not in OPTIONAL],
                    }
                    for rule in decisions.offered(moderator, kind, subject)
                    if not rule.shows
                ],
                "seen": meanwhile.newest(subject),
            }
        )


class PreviewsView(ModerationView):
    @extend_schema(
        operation_id="preview_decision",
        summary="What a decision would change",
        description=(
            "The service takes the decision, reads the result, and rolls it back. So a preview is "
            "refused for the same reasons as the decision."
        ),
        request=PreviewRequest,
        responses={200: DecisionPreview, **problems(*REFUSALS)},
    )
    def post(self, request: Request) -> Response:
        body = self.fields(PreviewRequest)
        subject, rule, given = self.asked(body)
        seen = meanwhile.newest(subject)
        found = decisions.preview(
            rule=rule, subject=subject, given=given, actor=self.moderator(), now=self.now
        )
        return Response(
            {
                "effects": effects_shown(found),
                "seen": seen,
                "two_persons": decisions.takes_two(
                    rule, subject, actor=self.moderator(), now=self.now
                ),
            }
        )

    def asked(self, body: dict[str, Any]) -> tuple[Any, Rule, dict[str, Any]]:
        """The subject, the decision about it, and its particulars. Raises InvalidField."""
        kind = body["subject"]["kind"]
        rule = RULES[kind].get(body["decision"])
        if rule is None:
            raise InvalidField("decision", f"This is no decision about a {kind}.")
        subject = self.find(kind, body["subject"]["id"], "subject")
        return subject, rule, _particulars(rule, subject, body)


class DecisionsView(PreviewsView):
    @extend_schema(
        operation_id="take_decision",
        summary="Take a decision",
        description=(
            "Decides in the name of the key's moderator, by their roles, and is recorded like "
            "decisions in the panel. Some decisions only become proposals, which a second "
            "moderator must approve: pins, official numbers, and decisions of one moderator on "
            "more than a hundred numbers within a day (SECOND_MODERATOR_BEYOND). Refused with "
            "`decided-meanwhile` if somebody has decided since `seen`, and with `claimed` while "
            "another moderator has the item. The same decision twice counts once."
        ),
        parameters=[IDEMPOTENCY_KEY],
        request=DecisionRequest,
        responses={
            200: OpenApiResponse(RecordedDecision, description="The decision was taken before."),
            201: RecordedDecision,
            202: OpenApiResponse(Proposal, description="It waits for a second moderator."),
            **problems(*REFUSALS, 422),
        },
    )
    def post(self, request: Request) -> Response:
        raw = request.body
        body = self.fields(DecisionRequest)
        by = self.by(body)

        def write() -> tuple[int, dict[str, Any]]:
            subject, rule, given = self.asked(body)
            taken = decisions.decide(
                rule=rule, subject=subject, given=given, seen=body["seen"], **by
            )
            if isinstance(taken, Stored):
                return 202, proposal_shown(taken, self.now)
            return 200 if taken.again else 201, decision_shown(taken.entry)

        return self.once(request, raw, write)


class UndoView(ModerationView):
    @extend_schema(
        operation_id="undo_decision",
        summary="Take a decision back",
        description=(
            "A decision of a batch is taken back with the whole batch, which may have to wait for "
            "an earlier decision and goes on by itself then. A second moderator must approve what "
            "brings back a pin or an official number that was taken back, and what goes beyond the "
            "numbers that one moderator may decide about within a day (SECOND_MODERATOR_BEYOND). "
            "The decision stays on record, marked as undone. Refused with `claimed` while another "
            "moderator has the item, unless it is of a batch."
        ),
        parameters=[
            OpenApiParameter(
                "decision",
                OpenApiTypes.INT,
                OpenApiParameter.PATH,
                description="Id of the decision.",
            )
        ],
        request=ReasonRequest,
        responses={
            200: RecordedDecision,
            202: OpenApiResponse(
                AnyDelay,
                description=(
                    "It waits for a second moderator, or its batch waits for an earlier decision."
                ),
            ),
            **problems(*REFUSALS),
        },
    )
    def post(self, request: Request, decision: int) -> Response:
        body = self.fields(ReasonRequest)
        entry = AuditEntry.objects.select_related("batch").filter(pk=decision).first()
        if entry is None or entry.key_grant_id is not None:
            raise decisions.SubjectNotFound
        by = self.by(body)
        quality.require_open(by["actor"], entry, now=self.now)
        waiting = decisions.take_back(entry=entry, **by)
        if isinstance(waiting, Stored):
            return Response(proposal_shown(waiting, self.now), status=202)
        if waiting is not None:
            return Response(_undone_later(waiting), status=202)
        return Response(decision_shown(AuditEntry.objects.get(pk=entry.pk)))


def _particulars(rule: Rule, subject: Any, body: dict[str, Any]) -> dict[str, Any]:
    """The rule's fields from the body, as the domain takes them. Raises InvalidField."""
    given: dict[str, Any] = {}
    for name in rule.fields:
        if name not in body and name not in OPTIONAL:
            raise InvalidField(name, "This decision needs it.")
        given[name] = body.get(name, "")
    surplus = sorted(set(body) - {*rule.fields, "subject", "decision", "reason", "seen"})
    if surplus:
        raise InvalidField(surplus[0], "This decision does not take it.")
    if "action" in given:
        given["action"] = Action(given["action"])
    if "until" in given:
        given["until"] = decisions.end_of_day(given["until"])
    if "since" in given:
        given["since"] = decisions.start_of_day(given["since"])
    if "keep" in given:
        keep = Report.objects.filter(public_id=given["keep"], number=subject.number_id).first()
        if keep is None:
            raise InvalidField("keep", "No report of this number has this id.")
        given["keep"] = keep
    return given


def public_answer(answer: Any) -> dict[str, Any]:
    """The public answer of a number, or of an effect on one; for None, that of an unknown
    number."""
    if answer is None:
        return {"action": Action.ALLOW.value, "status": Status.UNKNOWN.value, "score": 0}
    return {"action": answer.action, "status": answer.status, "score": answer.score}


def effects_shown(preview: previews.Preview | None) -> list[dict[str, Any]]:
    """The effects of a decision on numbers; empty without a preview."""
    return [
        {
            "number": effect.number.key,
            "before": public_answer(effect.before),
            "after": public_answer(effect.after),
        }
        for effect in (preview.effects if preview else ())
    ]


def _reports(subject: Any, number: Number | None) -> list[Report]:
    reports = Report.objects.select_related("reporter")
    if isinstance(subject, Reporter):
        return list(reports.said_by(subject).newest_first()[:NEWEST])
    return [] if number is None else list(reports.filter(number=number).newest_first()[:NEWEST])


def _report(report: Report) -> dict[str, Any]:
    return {
        "id": str(report.public_id),
        "category": report.category,
        "status": report.status,
        "at": rfc3339(report.counted_at),
        "words": mask(report.words),
        "hidden": report.hidden,
        "established": report.established,
        "reporter": decisions.name_of(report.reporter),
        "cluster": report.reporter.cluster or 0,
    }


def proposal_shown(proposal: Stored, now: datetime) -> dict[str, Any]:
    """A proposal in an answer, without its effect."""
    return {
        "id": str(proposal.pk),
        "state": "expired" if proposal.is_expired(now) else proposal.state,
        "decision": proposal.verb,
        "about": proposal.about,
        "number": proposal.number.key if proposal.number else "",
        "reason": proposal.reason,
        "by": str(proposal.proposer),
        "at": rfc3339(proposal.created_at),
        "expires_at": rfc3339(proposal.expires_at),
        "answered_by": str(proposal.answered_by or ""),
        "answer": proposal.answer,
        "decided": proposal.entry_id or 0,
        "batch": str(proposal.batch_id or ""),
        "effects": [],
        "changes": [],
        "error": "",
        "seen": "",
    }


def _undone_later(batch: DecisionBatch) -> dict[str, Any]:
    return {
        "batch": str(batch.pk),
        "undone": batch.undone - len(batch.undo_failures),
        "decisions": batches.taken(batch).count(),
    }


def decision_shown(entry: AuditEntry) -> dict[str, Any]:
    return {
        "id": entry.pk,
        "decision": entry.verb,
        "at": rfc3339(entry.at),
        "by": str(entry.actor),
        "reason": entry.reason,
        "batch": "" if entry.batch_id is None else str(entry.batch_id),
        "undone": hasattr(entry, "undone_by"),
    }
