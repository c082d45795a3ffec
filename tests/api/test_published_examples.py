"""The published schema shows examples that are true; and what holds answers to it finds faults."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from api.examples import EXAMPLES, PROBLEMS
from tests.given.contract import Contract, Drift, contract, document

ROOT = Path(__file__).resolve().parents[2]


def components_in_use() -> Iterator[str]:
    """Names of the shapes that stand alone as a body, in a request or in an answer."""
    for path in document()["paths"].values():
        for operation in path.values():
            bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
            for body in bodies:
                for media in body.get("content", {}).values():
                    if "examples" not in media and "$ref" in media["schema"]:
                        name = media["schema"]["$ref"].rpartition("/")[2]
                        shape = document()["components"]["schemas"][name]
                        if not {"oneOf", "anyOf"} & set(shape):  # those only choose
                            yield name


def test_a_file_is_described_alike_wherever_it_is_offered():
    described = {
        path: operation["responses"]["200"]["content"]["application/yaml"]["schema"]
        for path, operations in document()["paths"].items()
        for operation in operations.values()
        if any(
            "callattendant" in each["schema"].get("enum", ())
            for each in operation.get("parameters", ())
        )
    }
    as_data = {"type": "object", "additionalProperties": {}}
    assert described == {"/v1/feeds/{name}/snapshot": as_data, "/v1/me/list": as_data}


def test_every_body_has_an_example():
    assert set(components_in_use()) <= set(EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_are_true(name):
    validator = contract().validator({"$ref": f"#/components/schemas/{name}"})
    assert [error.message for error in validator.iter_errors(EXAMPLES[name])] == []


def test_examples_of_whole_answers_are_true():
    """Those that stand with their operation."""
    told = 0
    for path in contract().document["paths"].values():
        for operation in path.values():
            for response in operation["responses"].values():
                for media_type, media in response.get("content", {}).items():
                    for example in media.get("examples", {}).values():
                        if media_type.endswith("json"):
                            validator = contract().validator(media["schema"])
                            errors = validator.iter_errors(example["value"])
                            assert [error.message for error in errors] == []
                            told += 1
    assert told


# Numbers of YAML 1.2's core schema (10.3.2), which js-yaml and others read.
NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|0o[0-7]+|0x[0-9a-fA-F]+")


def test_texts_that_look_like_numbers_are_quoted_in_the_file():
    """PyYAML reads +081… as a text, and readers of YAML 1.2 as a number."""
    tokens = yaml.scan((ROOT / "docs/openapi.yaml").read_text(), Loader=yaml.CSafeLoader)
    plain = [each.value for each in tokens if isinstance(each, yaml.ScalarToken) and each.plain]
    looking = [text for text in plain if NUMBER.fullmatch(text)]
    assert len(looking) > 100  # limits and scores, which are numbers
    assert [text for text in looking if isinstance(yaml.safe_load(text), str)] == []


@pytest.mark.parametrize(
    ("text", "right"), [("", True), ("x", True), ("x" * 2001, False), ("a\x00", False)]
)
def test_a_comment_in_the_schema(text, right):
    request = EXAMPLES["ReportRequest"] | {"comment": text}
    validator = contract().validator({"$ref": "#/components/schemas/ReportRequest"})
    assert validator.is_valid(request) is right


@pytest.mark.parametrize("status", PROBLEMS)
def test_errors_are_shown(status):
    validator = contract().validator({"$ref": "#/components/schemas/Problem"})
    assert validator.is_valid(PROBLEMS[status])
    assert PROBLEMS[status]["status"] == int(status)


def test_a_body_may_be_refused_before_any_view_reads_it():
    """The server does so itself where a body is cut short, too slow or too large."""
    lacking = {
        operation["operationId"]: lacks
        for operations in document()["paths"].values()
        for operation in operations.values()
        if "requestBody" in operation
        and (lacks := {"400", "408", "413"} - {*operation["responses"]})
    }
    assert lacking == {}


def test_every_error_is_problem_details_with_an_example():
    shared = document()["components"]["responses"]
    for path, operations in document()["paths"].items():
        for method, operation in operations.items():
            for status, response in operation["responses"].items():
                if status >= "4":
                    where = (path, method, status)
                    if "$ref" in response:
                        response = shared[response["$ref"].rpartition("/")[2]]
                    problem = response["content"]["application/problem+json"]
                    assert problem["schema"] == {"$ref": "#/components/schemas/Problem"}, where
                    assert problem["example"]["status"] == int(status), where


# --- The net itself: what it would catch ---


@pytest.fixture
def small() -> Contract:
    return Contract(
        {
            "paths": {
                "/v1/things/{id}": {
                    "get": {
                        "responses": {
                            "200": {
                                "headers": {"ETag": {"required": True}},
                                "content": {
                                    "application/json": {
                                        "schema": {"$ref": "#/components/schemas/Thing"}
                                    }
                                },
                            },
                            "204": {"description": "Nothing."},
                        }
                    }
                },
                "/v1/things/all": {"post": {"responses": {"204": {}}}},
            },
            "components": {
                "schemas": {
                    "Thing": {
                        "type": "object",
                        "properties": {"id": {"type": "string", "format": "uuid"}},
                        "required": ["id"],
                    }
                }
            },
        }
    )


UUID = "7363f356-c450-465e-bf3c-3b1560f1800b"
RIGHT = ("GET", "//v1/things//x/?a=b", 200, {"Content-Type": "application/json", "ETag": '"1"'})


def test_what_is_right_passes(small):
    small.check(*RIGHT, json.dumps({"id": UUID}).encode())
    small.check("GET", "/v1/things/x", 204, {}, b"")
    small.check("DELETE", "/v1/things/x", 405, {}, b"{}")
    small.check("GET", "/compat/whatever", 418, {}, b"not ours")
    small.check("POST", "/v1/things/all", 204, {}, b"")


@pytest.mark.parametrize(
    ("change", "body", "complaint"),
    [
        ({}, {"id": "x"}, 'is not a "uuid"'),
        ({}, {}, '"id" is a required property'),
        ({}, {"id": UUID, "more": 1}, "Additional properties are not allowed"),
        ({}, [], "is not of type"),
        ({2: 404}, {"id": UUID}, "documented are 200, 204"),
        ({3: {"Content-Type": "text/html", "ETag": ""}}, {"id": UUID}, "text/html is not"),
        ({3: {"Content-Type": "application/json"}}, {"id": UUID}, "header ETag is missing"),
        ({2: 204, 3: {}}, {"id": UUID}, "a body that is not documented"),
        ({2: 204}, {"id": UUID}, "header etag is not documented"),
        ({0: "POST"}, {"id": UUID}, "this method is not documented"),
        ({0: "POST", 1: "/v1/things/all"}, {"id": UUID}, "documented are 204"),
    ],
)
def test_what_is_not_shows(small, change, body, complaint):
    answer = [change.get(place, part) for place, part in enumerate(RIGHT)]
    with pytest.raises(Drift, match=complaint):
        small.check(*answer, json.dumps(body).encode())
