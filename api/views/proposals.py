"""Decisions that wait for a second moderator, by a moderator's own key."""

from datetime import datetime
from typing import Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api.shapes.moderation import ReasonRequest
from api.shapes.proposals import (
    Approval,
    Proposal,
    ProposalList,
    Withdrawal,
)
from api.views.common import problems
from api.views.moderation import (
    REFUSALS,
    ModerationView,
    effects_shown,
    proposal_shown,
)
from reputation import decisions, quality
from reputation.models import Proposal as Stored
from reputation.moderation import batches

PROPOSAL = OpenApiParameter(
    "proposal", OpenApiTypes.UUID, OpenApiParameter.PATH, description="Id of the proposal."
)


def _reviewed(proposal: Stored, now: datetime) -> dict[str, Any]:
    """A proposal, with its present effect while it waits."""
    shown = proposal_shown(proposal, now)
    if not proposal.is_open(now):
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
        responses={200: ProposalList, **problems(401, 403)},
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
        responses={200: Proposal, **problems(401, 403, 404)},
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
