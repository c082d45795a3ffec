"""Holds each answer of the service to the schema that it publishes."""

import gzip
import json
import re
from collections.abc import Mapping
from copy import deepcopy
from functools import cache
from typing import Any
from urllib.parse import unquote

import jsonschema_rs
from drf_spectacular.generators import SchemaGenerator

type Node = dict[str, Any]

# Of a list as many entries are checked: a bulk answer has a thousand of one kind.
MOST = 20
NDJSON = "application/x-ndjson"
# Headers that clients need to make use of an answer.
OF_CONTENT = {
    *("etag", "last-modified", "repr-digest", "content-range", "feed-cursor"),
    *("rules-left-out", "idempotent-replayed"),
}


class Drift(AssertionError):
    """The service answers what its schema does not say."""


class Contract:
    def __init__(self, document: Node) -> None:
        # Every answer is closed: a field that nobody documented is drift too.
        self.document = _closed(deepcopy(document))
        self.paths = {
            re.compile(re.sub(r"\{[^}]*\}", "[^/]+", path)): operations
            # `lookup` is not a {number}: what is literal comes first.
            for path, operations in sorted(
                self.document["paths"].items(), key=lambda item: item[0].count("{")
            )
        }
        self.validators: dict[str, jsonschema_rs.Draft202012Validator] = {}

    def check(
        self, method: str, target: str, status: int, headers: Mapping[str, str], body: bytes | None
    ) -> None:
        """Raises Drift. What the document leaves out (the panel, dialects) is not checked.

        `body` is None for one that streams.
        """
        path = re.sub("/{2,}", "/", unquote(target.partition("?")[0])).rstrip("/")
        operations = next(
            (each for pattern, each in self.paths.items() if pattern.fullmatch(path)), None
        )
        if operations is None or method in ("HEAD", "OPTIONS"):
            return
        where = f"{method} {path} → {status}"
        if method.lower() not in operations:
            if status not in (401, 403, 405, 429):  # keys and limits are seen to before methods
                raise Drift(f"{where}: this method is not documented")
            return
        if status in (301, 500):
            return  # to TLS, which is no answer yet; a bug of ours, which no document promises
        responses = operations[method.lower()]["responses"]
        if str(status) not in responses:
            raise Drift(f"{where}: documented are {', '.join(responses)}")
        response = self._referred("responses", responses[str(status)])
        self._check_headers(where, response, headers)
        content = response.get("content", {})
        media_type = headers.get("Content-Type", "").partition(";")[0]
        if not content:
            if body:
                raise Drift(f"{where}: a body that is not documented: {body[:200]!r}")
            return
        if media_type not in content:
            raise Drift(f"{where}: {media_type} is not documented, but {', '.join(content)}")
        if headers.get("Content-Encoding") == "gzip" and status == 200:
            body = gzip.decompress(body)
        # A range of a file is no JSON, and a file of lines is not one value.
        if media_type.endswith("json") and status != 206 and media_type != NDJSON:
            self._check_body(where, content[media_type]["schema"], json.loads(body))

    def _check_headers(self, where: str, response: Node, headers: Mapping[str, str]) -> None:
        present = {name.lower() for name in headers}
        for name, node in response.get("headers", {}).items():
            if self._referred("headers", node).get("required") and name.lower() not in present:
                raise Drift(f"{where}: the header {name} is missing")
        for name in OF_CONTENT & present - {name.lower() for name in response.get("headers", {})}:
            raise Drift(f"{where}: the header {name} is not documented")

    def _referred(self, kind: str, node: Node) -> Node:
        if "$ref" in node:
            referred: Node = self.document["components"][kind][node["$ref"].rpartition("/")[2]]
            return referred
        return node

    def _check_body(self, where: str, schema: Node, body: Any) -> None:
        if isinstance(body, dict):
            body = {
                name: value[:MOST] if isinstance(value, list) else value
                for name, value in body.items()
            }
        for error in self.validator(schema).iter_errors(body):
            raise Drift(f"{where}: {error.message} at {error.instance_path}")

    def validator(self, schema: Node) -> jsonschema_rs.Draft202012Validator:
        key = json.dumps(schema)
        if key not in self.validators:
            whole = schema | {"components": self.document["components"]}
            self.validators[key] = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
        return self.validators[key]


def _closed(node: Any) -> Any:
    if isinstance(node, dict):
        if node.get("type") == "object" and "properties" in node:
            node.setdefault("additionalProperties", False)
        for inner in node.values():
            _closed(inner)
    elif isinstance(node, list):
        for inner in node:
            _closed(inner)
    return node


@cache
def document() -> Node:
    """The schema that the service publishes at /v1/schema."""
    return SchemaGenerator().get_schema(public=True)


@cache
def contract() -> Contract:
    return Contract(document())
