from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api import limits
from api.errors import not_allowed
from api.models import ApiKey
from api.rendering import dump
from api.shapes.service import Me, Vocabulary
from api.views.common import OPTIONAL_KEY, ApiView, problems
from edge import rfc3339
from reputation import health
from reputation.models import Report
from reputation.scoring import CATEGORIES, Side


class CategoriesView(ApiView):
    limit = "read"

    @extend_schema(
        operation_id="list_categories",
        summary="The categories and acts of reports",
        responses={200: Vocabulary, **problems(401)},
        auth=OPTIONAL_KEY,
    )
    def get(self, request: Request) -> Response:
        return Response(
            {
                "categories": [
                    {
                        "id": name,
                        "label": category.label,
                        "unwanted": category.side is Side.UNWANTED,
                    }
                    for name, category in CATEGORIES.items()
                ],
                "conduct": Report.Conduct.values,
            }
        )


class MeView(ApiView):
    limit = "read"
    scope = ""

    @extend_schema(
        operation_id="read_key",
        summary="This key: its scopes, region and remaining requests",
        responses={200: Me, **problems(401)},
    )
    def get(self, request: Request) -> Response:
        caller = self.caller
        key = ApiKey.objects.select_related("grant").get(pk=caller.key_id)
        expires_at = key.grant.expires_at if key.grant else key.expires_at
        left = {group: limits.left(group, caller) for group in settings.RATE_LIMITS}
        return Response(
            {
                "key": str(key),
                "name": key.name,
                "scopes": list(caller.scopes),
                "region": key.region,
                "expires_at": rfc3339(expires_at),
                "limits": {
                    group: {
                        "limit": usage.limit,
                        "remaining": usage.remaining,
                        "reset": usage.reset,
                    }
                    for group, usage in left.items()
                    if usage is not None
                },
            }
        )


def for_reading(view: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """Allows GET and HEAD only. Views that write nothing skip the CSRF check, which answers in
    HTML."""

    @csrf_exempt
    @wraps(view)
    def checked(request: HttpRequest) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            return not_allowed(request, ["GET", "HEAD"])
        return view(request)

    return checked


@for_reading
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers. It checks none of its dependencies; /readyz does.

    `doctor`, which signs its requests, also hears what the proxies made of them.
    """
    body = {"status": "ok", **(health.seen(request.META, secure=request.is_secure()) or {})}
    return HttpResponse(dump(body), content_type="application/json")


@for_reading
def readyz(request: HttpRequest) -> HttpResponse:
    """Whether to send requests here, by the public checks of reputation.health.

    Only what is broken is a reason to send them away: without the cache limits are not counted,
    with little space files are refused, and all else works.
    """
    found = health.look(now=timezone.now(), public_only=True)
    worst = max(finding.level for _, finding in found)
    status = "ok" if worst < health.Level.DEGRADED else "degraded"
    if worst is health.Level.BROKEN:
        status = "unavailable"
    states = {check.name: finding.word for check, finding in found}
    body = {"status": status, "version": settings.RELEASE, **states}
    return HttpResponse(
        dump(body),
        status=503 if worst is health.Level.BROKEN else 200,
        content_type="application/json",
    )
