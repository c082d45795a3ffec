"""Second reviews over the API: the case without its decision, and the second judgement."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api.errors import InvalidField
from api.shapes.moderation import Judgement, JudgementRequest, ReviewedCase
from api.views.common import problems
from api.views.moderation import REFUSALS, ModerationView
from edge import rfc3339
from reputation import quality
from reputation.models import SecondReview
from reputation.moderation import queue

REVIEW = OpenApiParameter(
    "review", OpenApiTypes.INT, OpenApiParameter.PATH, description="Id of the subject of the item."
)


class ReviewView(ModerationView):
    @extend_schema(
        operation_id="read_review",
        summary="A decided case to judge again",
        description=(
            "The case as it was, without the decision, its moderator and its reason. Claim its "
            "item of the queue first (`review`): until you judge the case or give the item back, "
            "everything else about it is refused with `judged-blind`."
        ),
        parameters=[REVIEW],
        responses={200: ReviewedCase, **problems(401, 403, 404)},
    )
    def get(self, request: Request, review: int) -> Response:
        case = quality.case_of(self.held(review))
        return Response(
            {
                "question": case.question,
                "answers": list(case.answers),
                "at": rfc3339(case.at),
                "number": case.number.key if case.number else "",
                "reporter": str(case.reporter or ""),
                "action": case.action,
                "score": case.score or 0,
                "statement": case.statement,
                "reports": [
                    {
                        "at": rfc3339(report.at),
                        "number": report.number,
                        "category": report.category,
                        "words": report.words,
                        "established": report.established,
                        "cluster": report.crowd,
                        "asked": report.chosen,
                    }
                    for report in case.reports
                ],
                "earlier": [{"decision": verb, "at": rfc3339(at)} for verb, at in case.earlier],
            }
        )

    @extend_schema(
        operation_id="judge_review",
        summary="Judge a decided case again",
        description=(
            "The judgement is recorded and changes nothing else. If the two judgements differ, a "
            "senior moderator settles the case."
        ),
        parameters=[REVIEW],
        request=JudgementRequest,
        responses={201: Judgement, **problems(*REFUSALS)},
    )
    def post(self, request: Request, review: int) -> Response:
        body = self.fields(JudgementRequest)
        moderator, found = self.moderator(), self.held(review, judged=True)
        verdict, reason = body["verdict"], body["reason"]
        answers = quality.ANSWERS[quality.question_of(found.entry)]
        if verdict not in answers:
            raise InvalidField("verdict", f"Choose among: {', '.join(answers)}.")
        done = quality.judge(
            actor=moderator, review=found, verdict=verdict, reason=reason, now=self.now
        )
        return Response({"verdict": done.verdict, "at": rfc3339(done.judged_at)}, status=201)

    def held(self, review: int, *, judged: bool = False) -> SecondReview:
        """The review that this moderator has taken; `judged`: or has judged.

        Raises ItemGone for every other review.
        """
        reviews = SecondReview.objects.filter(pk=review, reviewer=self.moderator())
        found = (reviews if judged else reviews.waiting(self.now)).first()
        if found is None:
            raise queue.ItemGone("You judge no such case: claim its item of the queue first.")
        return found
