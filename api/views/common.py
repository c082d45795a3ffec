"""The base of all endpoints: key, limit by the table, then scope."""

from collections.abc import Callable
from typing import Any

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from api import idempotency
from api.admission import Admission
from api.authentication import KeyAuthentication
from api.callers import Caller, require
from api.errors import require_plain
from api.problems import CONTENT_TYPE as PROBLEM
from api.rendering import AnyJSONParser, JSONRenderer
from api.serializers import Problem
from reputation.models import Reporter


# Not a docstring, which would be published as the description of each endpoint. `limit` names a row
# of settings.RATE_LIMITS. `scope` is the scope that a key must have: "" for any key, None if a key
# is optional. `visitor` is the caller, None without a key.
class ApiView(APIView):
    authentication_classes = [KeyAuthentication]
    permission_classes = []
    parser_classes = [AnyJSONParser]
    renderer_classes = [JSONRenderer]
    limit: str
    scope: str | None = None
    visitor: Caller | None = None
    admission: Admission | None = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        self.now = timezone.now()
        request.accepted_renderer = self.get_renderers()[0]
        request.accepted_media_type = request.accepted_renderer.media_type
        user: object = request.user
        caller = user if isinstance(user, Caller) else None
        self.admission = Admission(self.limit, self.scope or "", anonymous=self.scope is None)
        self.visitor = self.admission.admit(caller, request.META, now=self.now)
        require_plain(request.headers)

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)
        for name, value in (self.admission.headers if self.admission else {}).items():
            response.headers.setdefault(name, value)
        return response

    @property
    def caller(self) -> Caller:
        """The caller, of an endpoint that requires a key."""
        return require(self.visitor)

    def reporter(self) -> Reporter:
        return Reporter.objects.get(pk=self.caller.reporter_id)

    @property
    def region(self) -> str:
        """The country of numbers in national format: the request's, or else the key's."""
        of_key = self.visitor.region if self.visitor is not None else ""
        return self.request.query_params.get("region", "") or of_key

    def fields(self, shape: type[Serializer[Any]]) -> dict[str, Any]:
        """The fields of the request's body, which must have this shape. Raises ValidationError."""
        body = shape(data=self.request.data)
        body.is_valid(raise_exception=True)
        return dict(body.validated_data)

    def once(
        self, request: Request, raw: bytes, write: Callable[[], tuple[int, dict[str, Any]]]
    ) -> Response:
        """The answer of `write`, which gives status and body. A POST that is repeated under its
        Idempotency-Key gets the first answer, with the header that says so."""
        answered = idempotency.once(
            api_key_id=self.caller.key_id,
            key=request.headers.get("Idempotency-Key", ""),
            fingerprint=idempotency.fingerprint("POST", request.path, raw),
            write=write,
            now=self.now,
        )
        return Response(answered.body, status=answered.status, headers=answered.headers)


def problems(*statuses: int) -> dict[Any, OpenApiResponse]:
    """The error answers of an endpoint, for the OpenAPI document; any may be asked too often, or
    be unavailable."""
    return {
        (status, PROBLEM): OpenApiResponse(Problem, description=DESCRIPTIONS[status])
        for status in (*statuses, 429, 503)
    }


def problems_in_text(*statuses: int) -> dict[Any, OpenApiResponse]:
    """The error answers of an endpoint that answers in plain text on request."""
    return {(status, "text/plain"): OpenApiResponse(OpenApiTypes.STR) for status in statuses}


UNCHANGED = OpenApiResponse(description="Unchanged since the ETag that you sent.")

# In the OpenAPI document: a key raises the limits, but is optional.
OPTIONAL_KEY: list[Any] = [{"key": []}, {}]

REGION = OpenApiParameter(
    "region",
    OpenApiTypes.STR,
    pattern="^([A-Za-z]{2})?$",
    description="ISO 3166 country for numbers in national format; by default the key's.",
)

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    pattern="^[ -~]{0,255}$",
    description=(
        "Any unique text, such as a UUID. A repeated request with the same key gets the first "
        "answer again."
    ),
)

DESCRIPTIONS = {
    400: "The request is not valid; `errors` names each field and the remedy.",
    401: "No key, or one that is not valid.",
    403: "The key may not do this.",
    404: "There is no such thing, or it is not yours.",
    408: "The body came too slowly.",
    410: "The changes since then are gone: begin anew with a snapshot.",
    409: "It has as much as it may have, or things do not stand so that this can be done.",
    413: "It is larger than what is taken.",
    415: "It is of no kind that is taken.",
    416: "The file has no such range; Content-Range says how long it is.",
    422: "The Idempotency-Key was used for another request.",
    429: "Too many requests; Retry-After says when to try again.",
    503: "A part of the service is unavailable; Retry-After says when to try again.",
}
