"""Adds to drf-spectacular's document: keys, headers, examples, and parts common to all answers."""

import re
from collections.abc import Iterator
from typing import Any

import yaml
from drf_spectacular.extensions import (
    OpenApiAuthenticationExtension,
    OpenApiSerializerExtension,
    OpenApiSerializerFieldExtension,
)

from api import idempotency
from api.examples import EXAMPLES, PROBLEMS
from api.problems import CONTENT_TYPE as PROBLEM
from api.views.common import DESCRIPTIONS, IDEMPOTENCY_KEY
from api.views.own_list import LEFT_OUT
from edge import request_ids

type Node = dict[str, Any]

# YAML 1.2 reads more plain texts as numbers than PyYAML does: +081… and 12e3. With this, such texts
# are written with quotes.
getattr(yaml, "CSafeDumper", yaml.SafeDumper).add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$"),
    list("-+.0123456789"),
)

HEADERS: dict[str, Node] = {
    "RateLimit-Limit": {
        "description": "Requests of this kind that are allowed in one window.",
        "schema": {"type": "integer"},
    },
    "RateLimit-Remaining": {
        "description": "Of those, what is left.",
        "schema": {"type": "integer"},
    },
    "RateLimit-Reset": {
        "description": "Seconds until the window ends.",
        "schema": {"type": "integer"},
    },
    "Retry-After": {
        "description": "Seconds to wait before asking again.",
        "required": True,
        "schema": {"type": "integer", "minimum": 1},
    },
    "WWW-Authenticate": {
        "description": "How to show a key.",
        "required": True,
        "schema": {"type": "string"},
    },
    request_ids.HEADER: {
        "description": "The id of the request, as in the body and in the log of the service.",
        "required": True,
        "schema": {"type": "string"},
    },
    "ETag": {
        "description": "Names this answer; send it as If-None-Match next time.",
        "required": True,
        "schema": {"type": "string"},
    },
    "Cache-Control": {
        "description": "How long the answer may be kept, and whether by anybody.",
        "required": True,
        "schema": {"type": "string"},
    },
    "Last-Modified": {
        "description": "When the file was published.",
        "required": True,
        "schema": {"type": "string"},
    },
    "Repr-Digest": {
        "description": "The SHA-256 of the whole file as it is sent, packed with gzip or not (RFC "
        "9530).",
        "required": True,
        "schema": {"type": "string", "pattern": "^sha-256=:.*:$"},
    },
    "Feed-Cursor": {
        "description": "The `since` of the first request for changes.",
        "required": True,
        "schema": {"type": "integer", "format": "int64"},
    },
    "Content-Range": {
        "description": "Which bytes of the file these are, and how many it has.",
        "required": True,
        "schema": {"type": "string"},
    },
    LEFT_OUT: {
        "description": "Only with `format`: how many of your rules are not in the file.",
        "schema": {"type": "integer", "minimum": 0},
    },
    idempotency.REPLAYED: {
        "description": "Only if the Idempotency-Key got this answer before.",
        "schema": {"type": "string", "enum": ["true"]},
    },
}
_KEPT = ("ETag", "Cache-Control")
_FILE = (*_KEPT, "Last-Modified", "Repr-Digest", "Feed-Cursor")
# What an operation's answers have besides, by status.
OWN_HEADERS: dict[str, dict[str, tuple[str, ...]]] = {
    **{
        operation: {"200": _KEPT, "304": _KEPT}
        for operation in ("look_up_number", "read_bucket_scheme", "read_bucket")
    },
    "read_snapshot": {
        "200": _FILE,
        "206": (*_FILE, "Content-Range"),
        "304": _FILE,
        "416": ("Content-Range",),
    },
    "read_own_list": {"200": (LEFT_OUT,)},
}
# Headers of requests to operations that may answer 304, and to those with files.
CONDITIONS = {"If-None-Match": "The ETag of the answer that you keep: 304 if it is the same."}
RANGES = {
    "Range": "One range of bytes, such as `bytes=1000-`.",
    "If-Range": "The ETag of the file whose beginning you have: another file comes whole.",
}
# Operations that may follow an answer: (operation, its parameters from that answer).
MINE = {"public_id": "$response.body#/id"}
SAME = {"public_id": "$request.path.public_id"}
COMPLAINT = {
    "ReadIt": ("read_complaint", MINE),
    "UpdateIt": ("update_complaint", MINE),
    "GetPack": ("make_pack", MINE),
}
LINKS: dict[str, dict[str, tuple[str, dict[str, str]]]] = {
    "report_number": {
        "ReadIt": ("read_report", MINE),
        "WithdrawIt": ("withdraw_report", MINE),
        "AddEvidence": ("add_evidence", MINE),
        "ListEvidence": ("list_evidence", MINE),
    },
    "dispute_number": {"ReadIt": ("read_dispute", MINE), "AddFile": ("add_dispute_file", MINE)},
    "prepare_complaint": COMPLAINT,
    "add_evidence": {
        "ReadFile": ("read_evidence", SAME | {"sha256": "$response.body#/sha256"}),
        "ListEvidence": ("list_evidence", SAME),
    },
}
TAGS = {
    "authorities": "Where one may complain.",
    "buckets": "Private lookups, which do not tell what number is asked about.",
    "campaigns": "Reports in the same words.",
    "categories": "The vocabulary of reports.",
    "complaints": "Letters and packs of evidence for an authority.",
    "disputes": "The holder of a number objects.",
    "feeds": "The whole list, as files and as changes.",
    "intake": "Messages of gateways.",
    "me": "The key that asks, its owner's other keys, and their own list.",
    "moderation": "The moderators' work, with their own keys.",
    "numbers": "What is known of a number.",
    "ranges": "What is known of a block of numbers.",
    "reports": "Reports, and the evidence for them.",
}
# Descriptions of parameters that their operation does not describe.
PARAMETERS = {
    "public_id": "The `id` in the answer that made it.",
    "key": "The `campaign` in the answer to a lookup.",
    "cursor": "The `next` of the page before.",
    "format": "json by default.",
    "category": "One of /v1/categories.",
    "conduct": "One of /v1/categories.",
    "kind": "The kind of the subject.",
}
LIMITS = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "api.authentication.KeyAuthentication"
    name = "key"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "`Authorization: Bearer <key>`; or `X-Api-Key: <key>`; or HTTP Basic "
            "with the key as password. In the address it is refused: proxies log addresses.",
        }


class NoUnknownFields(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    target_class = "api.serializers.StrictSerializer"
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: Any) -> Node:
        schema: Node = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        return schema | {"additionalProperties": False}


class StorableText(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """A text without NUL, which PostgreSQL cannot store; with a visible character where it may not
    be blank."""

    target_class = "api.serializers.Text"
    match_subclasses = True

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> Node:
        schema: Node = auto_schema._map_serializer_field(
            self.target, direction, bypass_extensions=True
        )
        one = "" if self.target.allow_blank else r"[^\u0000\s]"
        shape: Node = self.target.shape
        return schema | {"pattern": rf"^[^\u0000]*{one}[^\u0000]*$"} | shape


def complete(result: Node, generator: Any, request: Any, public: bool) -> Node:
    """Post-processing hook of drf-spectacular."""
    components = result["components"]
    components["headers"] = HEADERS
    for name, schema in components["schemas"].items():
        if name in EXAMPLES:
            schema["examples"] = [EXAMPLES[name]]
        for field in schema.get("properties", {}).values():
            _join_blank(field)
    tags = sorted({tag for each in _operations(result) for tag in each.get("tags", ())})
    result["tags"] = [{"name": name, "description": TAGS[name]} for name in tags]
    for operation in _operations(result):
        operation.setdefault("description", f"{operation['summary']}.")
        for parameter in operation.get("parameters", ()):
            if what := PARAMETERS.get(parameter["name"]):
                parameter.setdefault("description", what)
        operation.setdefault("security", [])  # explicit, so that it does not look forgotten
        if "requestBody" in operation:
            _name_json(operation["requestBody"])
            # A file without reports is valid: a nightly job may have had none.
            operation["requestBody"]["required"] = operation["operationId"] != "report_numbers"
        _add_refusals(operation)
        _add_conditions(operation)
        for status, response in operation["responses"].items():
            if status in ("200", "201"):
                _add_links(operation["operationId"], response)
            _add_headers(operation, status, response)
            if status in PROBLEMS:
                response["content"][PROBLEM]["example"] = PROBLEMS[status]
                _share(operation["responses"], status, components.setdefault("responses", {}))
    return result


def _join_blank(field: Node) -> None:
    """A text that may be blank becomes one schema: with two, "" would match both, and so be
    invalid."""
    match field.get("oneOf"):
        case [{"type": "string", "pattern": pattern} as text, {"type": "string", "maxLength": 0}]:
            if re.match(pattern, ""):
                del field["oneOf"]
                field |= text


def _operations(result: Node) -> Iterator[Node]:
    for path in result["paths"].values():
        yield from path.values()


def _add_links(operation_id: str, response: Node) -> None:
    for name, (target, parameters) in LINKS.get(operation_id, {}).items():
        links = response.setdefault("links", {})
        links[name] = {"operationId": target, "parameters": parameters}


def _add_refusals(operation: Node) -> None:
    """Errors before any view: a foreign host, an unreadable request line, a body that is too slow
    or too large."""
    for status in (400, 408, 413) if "requestBody" in operation else (400,):
        refusal = {
            "description": DESCRIPTIONS[status],
            "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        operation["responses"].setdefault(str(status), refusal)


def _share(responses: Node, status: str, shared: Node) -> None:
    """Defines an error of most endpoints once; deviating definitions stay."""
    name = f"Error{status}"
    if shared.setdefault(name, responses[status]) == responses[status]:
        responses[status] = {"$ref": f"#/components/responses/{name}"}


def _name_json(body: Node) -> None:
    """Names JSON as the bodies' type, although any label is accepted."""
    content = body["content"]
    if "*/*" in content:
        content["application/json"] = content.pop("*/*")


def _add_conditions(operation: Node) -> None:
    """The headers of requests that an answer's ETag is good for."""
    names = CONDITIONS if "304" in operation["responses"] else {}
    if "206" in operation["responses"]:
        names = names | RANGES
    for name, what in names.items():
        header = {"in": "header", "name": name, "schema": {"type": "string"}, "description": what}
        operation.setdefault("parameters", []).append(header)


def _add_headers(operation: Node, status: str, response: Node) -> None:
    names = [*LIMITS] if "429" in operation["responses"] else []
    if status in ("429", "503"):
        names.append("Retry-After")
    if status == "401":
        names.append("WWW-Authenticate")
    if status >= "400":
        names.append(request_ids.HEADER)
    elif any(each["name"] == IDEMPOTENCY_KEY.name for each in operation.get("parameters", ())):
        names.append(idempotency.REPLAYED)
    names += OWN_HEADERS.get(operation["operationId"], {}).get(status, ())
    if names:
        headers = response.setdefault("headers", {})
        headers |= {name: {"$ref": f"#/components/headers/{name}"} for name in names}
