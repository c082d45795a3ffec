"""The queue by a moderator's own key: what waits, claiming, leaving, assigning, escalating."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api.errors import InvalidField
from api.shapes.moderation import Item, Queue, ReasonRequest, RecordedDecision
from api.shapes.proposals import Assignment, Escalation
from api.views.common import problems
from api.views.moderation import NEWEST, REFUSALS, ModerationView, decision_shown
from edge import rfc3339, whole_number
from reputation import decisions
from reputation.models import Dispute, QueueItem
from reputation.moderation import handing, queue

ITEM = OpenApiParameter(
    "item", OpenApiTypes.INT, OpenApiParameter.PATH, description="Id of the item in the queue."
)


class QueueView(ModerationView):
    @extend_schema(
        operation_id="list_queue",
        summary="Items that wait for a moderator",
        description="The greatest harm first. Claimed items are included.",
        parameters=[
            OpenApiParameter(
                "kind",
                OpenApiTypes.STR,
                enum=QueueItem.Kind.values,
                description="Only items of this kind.",
            ),
            OpenApiParameter(
                "limit", OpenApiTypes.INT, description=f"1 to {NEWEST}; by default {NEWEST}."
            ),
        ],
        responses={200: Queue, **problems(400, 401, 403)},
    )
    def get(self, request: Request) -> Response:
        moderator = self.moderator()
        kind = request.query_params.get("kind", "")
        if kind not in ("", *QueueItem.Kind.values):
            raise InvalidField("kind", f"Choose among: {', '.join(QueueItem.Kind.values)}.")
        limit = whole_number(request.query_params.get("limit", str(NEWEST)))
        if limit is None or not 1 <= limit <= NEWEST:
            raise InvalidField("limit", f"Give a number from 1 to {NEWEST}.")
        items = queue.waiting(now=self.now, kind=kind, user=moderator)
        shown = [
            item_shown(item, self.now)
            for item in items.select_related("claimed_by", "assigned_to")[:limit]
        ]
        return Response({"waiting": items.count(), "items": [each for each in shown if each]})


class ClaimView(ModerationView):
    @extend_schema(
        operation_id="claim_item",
        summary="Claim an item of the queue",
        description=(
            "The claim lasts ten minutes and covers all other items about the same number. A "
            "repeated request renews it."
        ),
        parameters=[ITEM],
        request=None,
        responses={200: Item, **problems(401, 403, 404, 409)},
    )
    def post(self, request: Request, item: int) -> Response:
        claimed = queue.claim(actor=self.moderator(), item_id=item, now=self.now)
        return Response(item_shown(claimed, self.now))

    @extend_schema(
        operation_id="release_item",
        summary="Give an item back",
        description="The item waits for others, undecided. A claim of another moderator stays.",
        parameters=[ITEM],
        responses={
            204: OpenApiResponse(description="The item is no longer yours."),
            **problems(401, 403, 404),
        },
    )
    def delete(self, request: Request, item: int) -> HttpResponse:
        queue.release(actor=self.moderator(), item=_found(item))
        return HttpResponse(status=204)


class LeaveView(ModerationView):
    @extend_schema(
        operation_id="leave_item",
        summary="Let an item rest",
        description="It rests for two weeks; a dispute rests for half of the time to its deadline.",
        parameters=[ITEM],
        request=ReasonRequest,
        responses={201: RecordedDecision, **problems(*REFUSALS)},
    )
    def post(self, request: Request, item: int) -> Response:
        body = self.fields(ReasonRequest)
        entry = queue.leave(item=_found(item), **self.by(body))
        return Response(decision_shown(entry), status=201)


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


def _found(item: int) -> QueueItem:
    found = QueueItem.objects.filter(pk=item).first()
    if found is None:
        raise queue.ItemGone("There is no such item: it was decided, or it has settled.")
    return found


def item_shown(item: QueueItem, now: datetime) -> dict[str, Any] | None:
    """The item in an answer; None if its subject is gone."""
    subject = decisions.subject_of(item)
    if subject is None:
        return None
    claimed = item.is_claimed(now)
    deadline = subject.deadline_at if isinstance(subject, Dispute) else None
    return {
        "id": item.pk,
        "kind": item.kind,
        "subject": {"kind": decisions.kind_of(item), "id": decisions.name_of(subject)},
        "number": item.number.key if item.number else "",
        "harm": item.harm,
        "found_at": rfc3339(item.found_at),
        "deadline_at": rfc3339(deadline),
        "claimed_by": str(item.claimed_by) if claimed else "",
        "claimed_until": rfc3339(item.claimed_until) if claimed else "",
        "assigned_to": str(item.assigned_to or ""),
        "escalation": item.escalation,
    }
