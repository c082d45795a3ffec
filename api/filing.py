"""Files single reports over HTTP, from a WSGI environment to bytes, without a framework in between.

Both the application server (api.wsgi) and Django's URL tree, which documents the endpoint, call
this module, so what is filed and answered is decided once.
"""

from datetime import datetime
from typing import Any

import orjson
from django.conf import settings
from django.http.request import split_domain_port, validate_host
from rest_framework.exceptions import ValidationError

from api import callers, idempotency, metrics
from api.admission import Admission
from api.callers import Caller, believed_attestation
from api.errors import misread
from api.idempotency import Answered
from api.plain_rows import PlainRows
from api.problems import CONTENT_TYPE as PROBLEM
from api.rendering import dump
from api.replies import Reply, problem_of, read_body
from api.shapes.reports import ReportRequest
from edge import client_address
from reputation import reports
from reputation.identity import Identity, InvalidNumber, identify
from reputation.lookup import next_steps
from reputation.models import Reporter, Table
from reputation.privacy import network_of
from reputation.reports import Statement

REPORTERS = Table(Reporter)
ALLOW = {"Allow": "POST, OPTIONS"}
# One for all requests, since making its fields takes as long as filing a report.
SHAPE = ReportRequest()
PLAIN = PlainRows(SHAPE)


def reply(environ: dict[str, Any], *, now: datetime) -> Reply | None:
    """The answer to POST /v1/reports; None if Django's views have to explain what is wrong with it.

    They take ten times as long to reach this point. `environ` then holds the unread body.
    """
    if not _is_ours(environ):
        return None
    admission = Admission("report", "report")
    try:
        caller = admission.admit(callers.of(environ, now=now), environ, now=now)
        caller = callers.require(caller)
        body = read_body(environ)
        if body is None:
            return None
        fields = read_fields(orjson.loads(body))
        path = environ["PATH_INFO"]
        filed = file(fields, caller=caller, environ=environ, path=path, raw=body, now=now)
    except (orjson.JSONDecodeError, ValidationError):
        return None
    except Exception as error:
        return _failed(error, environ, admission.headers)
    headers = {"Content-Type": "application/json"} | ALLOW | filed.headers | admission.headers
    return Reply(filed.status, headers, dump(filed.body))


def file(
    fields: dict[str, Any],
    *,
    caller: Caller,
    environ: dict[str, Any],
    path: str,
    raw: bytes,
    now: datetime,
) -> Answered:
    """Files the report with `fields` (of ReportRequest), once under its Idempotency-Key.

    Raises InvalidField and all errors of `submit_report` and of idempotency.
    """
    identity, statement = statement_of(fields, caller)
    network = network_of(client_address(environ))

    def write() -> tuple[int, dict[str, Any]]:
        submission = reports.submit_report(
            reporter=REPORTERS.new(id=caller.reporter_id),  # filing reads the other columns
            identity=identity,
            statement=statement,
            network=network,
            now=now,
        )
        return 201 if submission.created else 200, _receipt(submission)

    filed = idempotency.once(
        api_key_id=caller.key_id,
        key=environ.get("HTTP_IDEMPOTENCY_KEY", ""),
        fingerprint=idempotency.fingerprint("POST", path, raw),
        write=write,
        now=now,
    )
    if not filed.repeated:
        metrics.reports_taken("api", created=filed.status == 201, updated=filed.status == 200)
    return filed


def statement_of(
    fields: dict[str, Any], caller: Caller, *, region: str = ""
) -> tuple[Identity, Statement]:
    """The number and statement of `fields` (of ReportRequest). `region`: that of all reports in a
    request; it precedes the key's. Raises InvalidField."""
    fields = dict(fields)
    region = fields.pop("region", "") or region or caller.region
    identity = identify_field("number", fields.pop("number"), region)
    if fields.get("callback_number"):
        fields["callback_number"] = identify_field(
            "callback_number", fields["callback_number"], region
        ).key
    fields["attestation"] = believed_attestation(
        fields.get("attestation", ""), verifies=caller.verifies_attestation
    )
    return identity, Statement(**fields)


def identify_field(field: str, raw: str, region: str) -> Identity:
    """The identity in a request's field; an error names that field."""
    try:
        return identify(raw, region=region, allow_fictional=settings.FICTIONAL_NUMBERS)
    except InvalidNumber as error:
        raise misread(error, field) from None


def _receipt(submission: reports.Submission) -> dict[str, Any]:
    report, number = submission.report, submission.number
    return {
        "id": str(report.public_id),
        "number": number.key,
        "action": number.action,
        "score": number.score,
        "next_steps": next_steps(report.category, report.conduct),
    }


def _is_ours(environ: dict[str, Any]) -> bool:
    """Whether Django would pass the request to its view."""
    if environ.get("SCRIPT_NAME") or settings.USE_X_FORWARDED_HOST:
        return False
    host, _ = split_domain_port(environ.get("HTTP_HOST", ""))
    return bool(host) and validate_host(host, settings.ALLOWED_HOSTS)


def read_fields(given: Any) -> dict[str, Any]:
    """The fields of a report (ReportRequest). Raises ValidationError."""
    plain = PLAIN.read(given) if type(given) is dict else None
    return dict(SHAPE.run_validation(given)) if plain is None else plain


def _failed(error: Exception, environ: dict[str, Any], headers: dict[str, str]) -> Reply:
    body, more = problem_of(error, environ, during="a report")
    return Reply(body["status"], {"Content-Type": PROBLEM} | ALLOW | headers | more, dump(body))
