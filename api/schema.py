"""What drf-spectacular cannot see: keys, headers, examples, and what all answers share."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiSerializerExtension

from api.examples import EXAMPLES, PROBLEMS
from api.problems import CONTENT_TYPE as PROBLEM
from api.views.common import DESCRIPTIONS

type Node = dict[str, Any]

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
}
UNREADABLE: Node = {
    "description": DESCRIPTIONS[400],
    "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
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
            "with the key as password.",
        }


class NoUnknownFields(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    target_class = "api.serializers.StrictSerializer"
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: Any) -> Node:
        schema: Node = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        return schema | {"additionalProperties": False}


def complete(result: Node, generator: Any, request: Any, public: bool) -> Node:
    """Post-processing hook of drf-spectacular."""
    components = result["components"]
    components["headers"] = HEADERS
    for name, example in EXAMPLES.items():
        components["schemas"][name]["examples"] = [example]
    for operation in _operations(result):
        _name_json(operation)
        # Before any view: a host that is not ours, a request line that cannot be read.
        operation["responses"].setdefault("400", deepcopy(UNREADABLE))
        for status, response in operation["responses"].items():
            _add_headers(status, response, limited="429" in operation["responses"])
            if status in PROBLEMS:
                response["content"][PROBLEM]["example"] = PROBLEMS[status]
                _share(operation["responses"], status, components.setdefault("responses", {}))
    return result


def _operations(result: Node) -> Iterator[Node]:
    for path in result["paths"].values():
        yield from path.values()


def _share(responses: Node, status: str, shared: Node) -> None:
    """Says an error that most endpoints have alike once; one that is said otherwise stays."""
    name = f"Error{status}"
    if shared.setdefault(name, responses[status]) == responses[status]:
        responses[status] = {"$ref": f"#/components/responses/{name}"}


def _name_json(operation: Node) -> None:
    """Bodies are JSON whatever their label says, but this is how to label them."""
    content = operation.get("requestBody", {}).get("content", {})
    if "*/*" in content:
        content["application/json"] = content.pop("*/*")


def _add_headers(status: str, response: Node, *, limited: bool) -> None:
    names = [*LIMITS] if limited else []
    if status in ("429", "503"):
        names.append("Retry-After")
    if status == "401":
        names.append("WWW-Authenticate")
    if names:
        headers = response.setdefault("headers", {})
        headers |= {name: {"$ref": f"#/components/headers/{name}"} for name in names}
