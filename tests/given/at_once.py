"""Answers by the event loop of a worker, without a thread."""

from api import remembered
from api.at_once import AtOnce
from edge import request_ids
from tests.given.api_requests import FOR_BROWSERS, Answer, Holder, ask
from tests.given.rsgi import Scope


def at_once(
    target: str,
    by: Holder,
    *,
    loop: AtOnce | None = None,
    for_browsers: bool = False,
    client: str = "192.0.2.1:5",
    **headers: str,
) -> Answer | None:
    """The answer that the event loop gives; None where it leaves it to a thread."""
    memory = remembered.memory()
    assert memory is not None
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    named["authorization"] = f"Bearer {by.token}"
    scope = Scope("GET", target, named, client)
    try:
        (loop or AtOnce(memory))(scope).send(None)
    except StopIteration as end:
        if end.value is None:
            return None
        status, pairs, body = end.value
        kept = {name: value for name, value in pairs if for_browsers or name not in FOR_BROWSERS}
        kept.pop(request_ids.HEADER)
        return Answer(status, kept, body)
    raise AssertionError("it waits")


def served(path: str, by: Holder) -> Answer:
    return at_once(path, by) or ask("GET", path, by=by)
