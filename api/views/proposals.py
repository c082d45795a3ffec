"""Cooperation of moderators by their own keys: proposals, notes, assigning and escalating."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api.errors import InvalidField
from api.shapes.moderation import Item, ReasonRequest
from api.shapes.proposals import (
    Approval,
    Assignment,
    Escalation,
    Note,
    NoteList,
    NoteRequest,
    Proposal,
    ProposalList,
    Withdrawal,
)
from api.views.common import problems
from api.views.moderation import (
    ITEM,
    REFUSALS,
    ModerationView,
    effects_shown,
    item_shown,
    proposal_shown,
)
from edge import rfc3339
from reputation import decisions, quality
from reputation.models import Note as StoredNote
from reputation.models import Proposal as Stored
from reputation.moderation import batches, handing, notes

PROPOSAL = OpenApiParameter(
    "proposal", OpenApiTypes.UUID, OpenApiParameter.PATH, description="Id of the proposal."
)
NOTED = [
    OpenApiParameter(
        "kind", OpenApiTypes.STR, OpenApiParameter.PATH, enum=sorted(StoredNote.Kind.values)
    ),
    OpenApiParameter(
        "name", OpenApiTypes.STR, OpenApiParameter.PATH, description="Id of the subject."
    ),
]


def _reviewed(proposal: Stored, now: datetime) -> dict[str, Any]:
    """A proposal, with its present effect while it waits."""
    shown = proposal_shown(proposal, now)
    if not decisions.is_open(proposal, now=now):
        return shown
    review = decisions.review(proposal, now=now)
    return shown | {
        "effects": effects_shown(review.outlook.preview if review.outlook else None),
        "changes": [
            {"about": each.about, "was": each.was, "now": each.now} for each in review.changes
        ],
        "error": review.error,
        "seen": review.seen,
    }


class OneProposal(ModerationView):
    def found(self, proposal: str) -> Stored:
        """The proposal. Raises SubjectNotFound, and JudgedBlind if this moderator judges its
        subject blind."""
        related = ("proposer", "answered_by", "number", "batch")
        try:
            name = UUID(proposal)
        except ValueError:
            raise decisions.SubjectNotFound from None
        found = Stored.objects.select_related(*related).filter(pk=name).first()
        if found is None:
            raise decisions.SubjectNotFound
        quality.require_open(self.moderator(), found, now=self.now)
        return found


class ProposalsView(ModerationView):
    @extend_schema(
        operation_id="list_proposals",
        summary="Decisions that wait for a second moderator",
        description="Those that expire first come first. A single proposal also has its effects.",
        responses={200: ProposalList, **problems(401, 403, 429, 503)},
    )
    def get(self, request: Request) -> Response:
        judging = quality.held(self.moderator(), now=self.now)
        waiting = quality.open_to(judging, decisions.waiting(now=self.now))
        return Response({"proposals": [proposal_shown(each, self.now) for each in waiting]})


class ProposalView(OneProposal):
    @extend_schema(
        operation_id="read_proposal",
        summary="A proposal, and its present effect",
        parameters=[PROPOSAL],
        responses={200: Proposal, **problems(401, 403, 404, 429, 503)},
    )
    def get(self, request: Request, proposal: str) -> Response:
        return Response(_reviewed(self.found(proposal), self.now))


class ApprovalView(OneProposal):
    @extend_schema(
        operation_id="approve_proposal",
        summary="Approve a proposal",
        description=(
            "The decision is carried out at once, in the proposer's name. Refused with "
            "`stale-proposal` if the effect is no longer the one that `seen` names, and with "
            "`own-proposal` for the moderator's own proposal."
        ),
        parameters=[PROPOSAL],
        request=Approval,
        responses={
            200: Proposal,
            202: OpenApiResponse(
                Proposal,
                description=(
                    "Approved; its batch has to wait for an earlier decision, and goes on by "
                    "itself within minutes."
                ),
            ),
            **problems(*REFUSALS),
        },
    )
    def post(self, request: Request, proposal: str) -> Response:
        body = self.fields(Approval)
        approved = decisions.approve(
            proposal=self.found(proposal), seen=body["seen"], **self.by(body)
        )
        batch = approved.batch
        over = batch is None or batches.run(batch=batch, now=self.now).is_over
        answer = proposal_shown(self.found(proposal), self.now)
        return Response(answer, status=200 if over else 202)


class DeclineView(OneProposal):
    @extend_schema(
        operation_id="decline_proposal",
        summary="Decline a proposal",
        parameters=[PROPOSAL],
        request=ReasonRequest,
        responses={200: Proposal, **problems(*REFUSALS)},
    )
    def post(self, request: Request, proposal: str) -> Response:
        body = self.fields(ReasonRequest)
        decisions.decline(proposal=self.found(proposal), **self.by(body))
        return Response(proposal_shown(self.found(proposal), self.now))


class WithdrawView(OneProposal):
    @extend_schema(
        operation_id="withdraw_proposal",
        summary="Withdraw a proposal of one's own",
        parameters=[PROPOSAL],
        request=Withdrawal,
        responses={200: Proposal, **problems(*REFUSALS)},
    )
    def post(self, request: Request, proposal: str) -> Response:
        body = self.fields(Withdrawal)
        decisions.withdraw(proposal=self.found(proposal), **self.by(body))
        return Response(proposal_shown(self.found(proposal), self.now))


class AssignView(ModerationView):
    @extend_schema(
        operation_id="assign_item",
        summary="Assign an item of the queue",
        description=(
            "Also assigns all other items about the same number. Only senior moderators can assign "
            "an item of another moderator."
        ),
        parameters=[ITEM],
        request=Assignment,
        responses={200: Item, **problems(*REFUSALS)},
    )
    def post(self, request: Request, item: int) -> Response:
        body = self.fields(Assignment)
        name = body["to"]
        to = User.objects.filter(username=name).first() if name else None
        if name and to is None:
            raise InvalidField("to", "Nobody here has this user name.")
        assigned = handing.assign(actor=self.moderator(), item_id=item, to=to, now=self.now)
        return Response(item_shown(assigned, self.now))


class EscalateView(ModerationView):
    @extend_schema(
        operation_id="escalate_item",
        summary="Hand an item to the senior moderators",
        parameters=[ITEM],
        request=Escalation,
        responses={200: Item, **problems(*REFUSALS)},
    )
    def post(self, request: Request, item: int) -> Response:
        body = self.fields(Escalation)
        asked = handing.escalate(
            actor=self.moderator(),
            item_id=item,
            question=body["question"],
            now=self.now,
        )
        return Response(item_shown(asked, self.now))


class NotesView(ModerationView):
    @extend_schema(
        operation_id="list_notes",
        summary="Moderators' notes on a subject",
        parameters=NOTED,
        responses={200: NoteList, **problems(400, 401, 403, 404, 429, 503)},
    )
    def get(self, request: Request, kind: str, name: str) -> Response:
        self.moderator()
        found = notes.on(self.find(kind, name, "name"))
        return Response({"notes": [_note(note) for note in found]})

    @extend_schema(
        operation_id="write_note",
        summary="Write a note",
        description=(
            "Only moderators can read it. Personal data is masked before the note is stored, and "
            "the note is deleted after a year."
        ),
        parameters=NOTED,
        request=NoteRequest,
        responses={201: Note, **problems(*REFUSALS)},
    )
    def post(self, request: Request, kind: str, name: str) -> Response:
        body = self.fields(NoteRequest)
        note = notes.add(
            actor=self.moderator(),
            subject=self.find(kind, name, "name"),
            words=body["words"],
            now=self.now,
        )
        return Response(_note(note), status=201)


def _note(note: StoredNote) -> dict[str, Any]:
    return {
        "id": note.pk,
        "at": rfc3339(note.at),
        "by": str(note.author),
        "words": note.words,
    }
