"""Turns every error into problem details. Only this module chooses HTTP status codes."""

import logging
from collections.abc import Iterator, Mapping, MutableMapping
from http import HTTPStatus
from itertools import islice
from typing import Any

from django.conf import settings
from django.core.exceptions import DisallowedHost, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from api import limits
from api.callers import KeyRefused, KeyRequired, ScopeMissing
from api.gateways import MessageTooLarge, NotConfirmed, SignatureRefused
from api.idempotency import KeyReused, MalformedKey
from api.keys import KeyNotFound, KeyNotYours, TooManyKeys
from api.limits import LimitExceeded
from api.problems import CONTENT_TYPE, problem
from api.rendering import JSONRenderer, dump
from edge import is_full, is_outage
from reputation import attachments, decisions, disputes, lists, moderation, quality
from reputation.campaigns import CampaignNotFound
from reputation.complaints import ComplaintError, ComplaintNotFound, QuotaUsed
from reputation.feeds import CursorTooOld, CursorUnknown, FeedUnknown, FormatUnknown, NotPublished
from reputation.identity import InvalidNumber, read_region
from reputation.intake import AnswerNotSent
from reputation.reports import ReporterBlocked, ReportError, ReportNotFound

logger = logging.getLogger(__name__)

RETRY_SECONDS = 5
# Errors listed per request, since a body may contain more mistakes than a person reads.
MOST = 20
CHALLENGE = 'Bearer realm="ringscore"'
# For programs that send a password only after a challenge, such as routers and wget. Not for all
# answers, since a browser would ask its user for a password.
BASIC_CHALLENGE = f'Basic realm="ringscore", charset="UTF-8", {CHALLENGE}'


class CutShort(Exception):
    """The body of a bulk report ended before its last row did."""


class RangeNotSatisfiable(Exception):
    """The file has no byte of the requested range. `length` is the file's size in bytes."""

    def __init__(self, length: int) -> None:
        super().__init__(f"The file has {length} bytes: ask for some of those.")
        self.length = length


# Domain error → status and code. The first matching class decides, so special classes come first.
DOMAIN: list[tuple[type[Exception], HTTPStatus, str]] = [
    (KeyRequired, HTTPStatus.UNAUTHORIZED, "key-required"),
    (SignatureRefused, HTTPStatus.UNAUTHORIZED, "signature-refused"),
    (KeyRefused, HTTPStatus.UNAUTHORIZED, "key-refused"),
    (ScopeMissing, HTTPStatus.FORBIDDEN, "scope-missing"),
    (KeyNotFound, HTTPStatus.NOT_FOUND, "key-not-found"),
    (lists.InvalidPattern, HTTPStatus.BAD_REQUEST, "invalid-pattern"),
    (lists.RuleNotFound, HTTPStatus.NOT_FOUND, "rule-not-found"),
    (lists.TooManyRules, HTTPStatus.CONFLICT, "too-many-rules"),
    (KeyNotYours, HTTPStatus.FORBIDDEN, "key-not-yours"),
    (TooManyKeys, HTTPStatus.CONFLICT, "too-many-keys"),
    (LimitExceeded, HTTPStatus.TOO_MANY_REQUESTS, "rate-limited"),
    (ReportNotFound, HTTPStatus.NOT_FOUND, "report-not-found"),
    (ReporterBlocked, HTTPStatus.FORBIDDEN, "reporter-blocked"),
    (ReportError, HTTPStatus.BAD_REQUEST, "invalid-report"),
    (CampaignNotFound, HTTPStatus.NOT_FOUND, "campaign-not-found"),
    (attachments.EvidenceNotFound, HTTPStatus.NOT_FOUND, "evidence-not-found"),
    (attachments.EvidenceFull, HTTPStatus.CONFLICT, "evidence-full"),
    (attachments.EvidenceQuotaUsed, HTTPStatus.CONFLICT, "evidence-quota"),
    (attachments.EvidenceTooLarge, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large"),
    (attachments.EvidenceTypeRefused, HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported-type"),
    (attachments.StorageUnavailable, HTTPStatus.SERVICE_UNAVAILABLE, "unavailable"),
    (attachments.EvidenceError, HTTPStatus.BAD_REQUEST, "invalid-evidence"),
    (disputes.DisputeNotFound, HTTPStatus.NOT_FOUND, "dispute-not-found"),
    (disputes.ContactUnreachable, HTTPStatus.BAD_REQUEST, "unreachable"),
    (disputes.NothingToDispute, HTTPStatus.CONFLICT, "nothing-to-dispute"),
    (disputes.CannotReceiveCodes, HTTPStatus.CONFLICT, "cannot-receive-codes"),
    (disputes.AlreadyDisputed, HTTPStatus.CONFLICT, "already-disputed"),
    (disputes.TooSoon, HTTPStatus.CONFLICT, "too-soon"),
    (disputes.TooManyCodes, HTTPStatus.TOO_MANY_REQUESTS, "too-many-codes"),
    (disputes.CodeNotSent, HTTPStatus.SERVICE_UNAVAILABLE, "code-not-sent"),
    (disputes.WrongCode, HTTPStatus.BAD_REQUEST, "wrong-code"),
    (disputes.NoMoreAttempts, HTTPStatus.CONFLICT, "no-more-attempts"),
    (disputes.CodeExpired, HTTPStatus.CONFLICT, "code-expired"),
    (disputes.FilesClosed, HTTPStatus.CONFLICT, "files-closed"),
    (disputes.NotAppealable, HTTPStatus.CONFLICT, "not-appealable"),
    (decisions.NotPermitted, HTTPStatus.FORBIDDEN, "not-permitted"),
    (decisions.SubjectNotFound, HTTPStatus.NOT_FOUND, "subject-not-found"),
    (decisions.Stale, HTTPStatus.CONFLICT, "stale-proposal"),
    (decisions.OwnProposal, HTTPStatus.FORBIDDEN, "own-proposal"),
    (decisions.ProposalOver, HTTPStatus.CONFLICT, "proposal-over"),
    (decisions.SoAlready, HTTPStatus.CONFLICT, "so-already"),
    (moderation.meanwhile.DecidedMeanwhile, HTTPStatus.CONFLICT, "decided-meanwhile"),
    (moderation.queue.ItemGone, HTTPStatus.NOT_FOUND, "item-not-found"),
    (moderation.queue.TakenByAnother, HTTPStatus.CONFLICT, "claimed"),
    (quality.JudgedBlind, HTTPStatus.CONFLICT, "judged-blind"),
    (moderation.ParticularWrong, HTTPStatus.BAD_REQUEST, "invalid-decision"),
    (moderation.DecisionError, HTTPStatus.CONFLICT, "decision-refused"),
    (ComplaintNotFound, HTTPStatus.NOT_FOUND, "complaint-not-found"),
    (QuotaUsed, HTTPStatus.CONFLICT, "complaint-quota"),
    (ComplaintError, HTTPStatus.BAD_REQUEST, "invalid-complaint"),
    (MessageTooLarge, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large"),
    (AnswerNotSent, HTTPStatus.SERVICE_UNAVAILABLE, "unavailable"),
    (NotConfirmed, HTTPStatus.SERVICE_UNAVAILABLE, "unavailable"),
    (FeedUnknown, HTTPStatus.NOT_FOUND, "feed-unknown"),
    (FormatUnknown, HTTPStatus.BAD_REQUEST, "format-unknown"),
    (NotPublished, HTTPStatus.SERVICE_UNAVAILABLE, "not-published"),
    (RangeNotSatisfiable, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, "range-not-satisfiable"),
    (CursorTooOld, HTTPStatus.GONE, "cursor-too-old"),
    (CursorUnknown, HTTPStatus.GONE, "cursor-unknown"),
    (CutShort, HTTPStatus.BAD_REQUEST, "cut-short"),
    (KeyReused, HTTPStatus.UNPROCESSABLE_ENTITY, "idempotency-key-reused"),
    (MalformedKey, HTTPStatus.BAD_REQUEST, "invalid-idempotency-key"),
]


class InvalidField(Exception):
    """One field of a request is wrong. `code` is the kind of problem."""

    def __init__(self, field: str, detail: str, code: str = "invalid-request") -> None:
        super().__init__(detail)
        self.field, self.detail, self.code = field, detail, code


def require_plain(headers: Mapping[str, str]) -> None:
    """Raises InvalidField for a body in an encoding such as gzip, which is not read."""
    coding = headers.get("Content-Encoding", "").strip()
    if coding.lower() not in ("", "identity"):
        raise InvalidField("", f"The body is encoded ({coding[:20]}): send it as it is.")


def misread(error: InvalidNumber, field: str) -> InvalidField:
    """The error as an error of `field`, which held the number, or of `region`."""
    named = "region" if error.code == "unknown_region" else field
    return InvalidField(named, str(error), "invalid-number")


def region_field(raw: str) -> str:
    """The region that a request names; "" for none. Raises InvalidField."""
    try:
        return read_region(raw)
    except InvalidNumber as error:
        raise misread(error, "region") from None


def describe(
    error: Exception, environ: MutableMapping[str, Any]
) -> tuple[dict[str, Any], dict[str, str]] | None:
    """Problem body and headers for an expected error; None for another one."""
    if isinstance(error, KeyRefused):
        # Guessing keys is hopeless; the limit slows programs that retry with a dead key.
        try:
            limits.count("failed_auth", None, environ)
        except LimitExceeded as exceeded:
            error = exceeded
    if isinstance(error, InvalidNumber):
        error = misread(error, "number")
    if isinstance(error, InvalidField):
        errors = [_at(error.field, error.detail, error.code)]
        return problem(400, error.code, error.detail, errors), {}
    for kind, status, code in DOMAIN:
        if isinstance(error, kind):
            field = getattr(error, "field", "")
            errors = [_at(field, str(error), code)] if field else []
            return problem(status, code, str(error), errors), _headers(error, status)
    if isinstance(error, RequestDataTooBig):
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        detail = f"The body has more than {most} bytes. Send less at a time."
        return problem(413, "too-large", detail), {}
    return _describe_outage(error)


def _describe_outage(error: BaseException) -> tuple[dict[str, Any], dict[str, str]] | None:
    if is_outage(error):
        logger.error("database unavailable: %s", error)
        detail = f"The database is unavailable. Try again in {RETRY_SECONDS} seconds."
        return problem(503, "unavailable", detail), {"Retry-After": str(RETRY_SECONDS)}
    if is_full(error):
        logger.error("a file could not be kept", exc_info=error)
        detail = f"The service has no room for files. Try again in {RETRY_SECONDS} seconds."
        return problem(503, "unavailable", detail), {"Retry-After": str(RETRY_SECONDS)}
    return None


def _headers(error: Exception, status: HTTPStatus) -> dict[str, str]:
    if isinstance(error, RangeNotSatisfiable):
        return {"Content-Range": f"bytes */{error.length}"}
    if isinstance(error, LimitExceeded):
        return limits.headers_of(error.usage)
    if isinstance(error, disputes.TooManyCodes):
        return {"Retry-After": str(error.wait)}
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        return {"Retry-After": str(RETRY_SECONDS)}
    return {"WWW-Authenticate": CHALLENGE} if status == HTTPStatus.UNAUTHORIZED else {}


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """Django REST framework's exception handler."""
    environ = context["request"].META
    described = describe(error, environ) or _describe_framework(
        error, context["view"].allowed_methods, environ
    )
    if described is None:
        return None  # a bug: Django logs it and answers with server_error below
    set_rollback()
    # JSON also if the view itself renders YAML or HTML, or has not chosen a renderer yet.
    request = context["request"]
    request.accepted_renderer = JSONRenderer()
    request.accepted_media_type = request.accepted_renderer.media_type
    body, headers = described
    if "WWW-Authenticate" in headers:
        headers |= {"WWW-Authenticate": getattr(context["view"], "challenge", CHALLENGE)}
    return Response(body, status=body["status"], headers=headers, content_type=CONTENT_TYPE)


def _describe_framework(
    error: Exception, methods: list[str], environ: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, str]] | None:
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    if not isinstance(error, exceptions.APIException):
        return None
    match error:
        case exceptions.ValidationError():
            errors = list(islice(_pointers(error.detail, ""), MOST))
            named = ", ".join(sorted({e["pointer"][2:] or "body" for e in errors}))
            detail = f"Some fields are not valid: {named}."
            if _is_empty(environ):
                detail = f"The body is empty. Send an object in JSON that has {named}."
            body = problem(400, "invalid-request", detail, errors)
        case exceptions.NotFound():
            body = _not_found()
        case exceptions.MethodNotAllowed():
            body = _not_allowed(methods)
        case exceptions.UnsupportedMediaType():
            detail = "Send the body as multipart/form-data."
            body = problem(415, "unsupported-media-type", detail)
        case exceptions.ParseError():
            body = problem(400, "invalid-json", str(error.detail))
        case _:
            body = problem(error.status_code, "error", str(error.detail))
    return body, {}


def answer(body: dict[str, Any], headers: dict[str, str] | None = None) -> HttpResponse:
    """A problem body as the answer of a plain view, or of an error outside of views."""
    return HttpResponse(
        dump(body), status=body["status"], headers=headers, content_type=CONTENT_TYPE
    )


def _is_empty(environ: Mapping[str, Any]) -> bool:
    """Whether the request has no body, perhaps because its length was left out."""
    if "HTTP_TRANSFER_ENCODING" in environ:
        return False
    return environ.get("CONTENT_LENGTH") in (None, "", "0")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(_not_found())


def _not_found() -> dict[str, Any]:
    return problem(404, "not-found", "There is nothing at this address. See /v1/docs.")


def not_allowed(request: HttpRequest, methods: list[str]) -> HttpResponse:
    """For plain views; views of Django REST framework get this answer from `handle`."""
    return answer(_not_allowed(methods), {"Allow": ", ".join(methods)})


def _not_allowed(methods: list[str]) -> dict[str, Any]:
    named = " or ".join(each for each in methods if each not in ("HEAD", "OPTIONS"))
    return problem(405, "method-not-allowed", f"Use {named} here.")


def internal() -> dict[str, Any]:
    """The body for an unexpected error, without details."""
    return problem(500, "internal", "Something broke on our side, and we have a log of it.")


def server_error(request: HttpRequest, error: BaseException | None = None) -> HttpResponse:
    """`error`: what broke outside of a view."""
    return answer(*((error and _describe_outage(error)) or (internal(), {})))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    detail = "The request cannot be read."
    if isinstance(exception, DisallowedHost):  # also balancers and Prometheus, which ask by address
        detail = "This is no host name of the service: ALLOWED_HOSTS has further ones."
    return answer(problem(400, "bad-request", detail))


def _at(field: str, detail: str, code: str) -> dict[str, str]:
    return {"pointer": f"#/{field}" if field else "#", "code": code, "detail": detail}


def _pointers(detail: Any, path: str) -> Iterator[dict[str, str]]:
    if isinstance(detail, dict):
        for name, inner in detail.items():
            step = str(name).replace("~", "~0").replace("/", "~1")  # RFC 6901
            deeper = path if name == "non_field_errors" else f"{path}/{step}"
            yield from _pointers(inner, deeper)
    elif isinstance(detail, list):
        for index, inner in enumerate(detail):
            leaf = isinstance(inner, exceptions.ErrorDetail)
            yield from _pointers(inner, path if leaf else f"{path}/{index}")
    else:
        yield {"pointer": f"#{path}", "code": str(detail.code), "detail": str(detail)}
