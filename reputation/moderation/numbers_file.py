"""The file in which an organisation publishes its numbers: how it is fetched and read.

Its form is in docs/guide/telephone-numbers.md.
"""

import json
import unicodedata
from datetime import date
from typing import Any, Final

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_noop

from edge import outgoing
from reputation.faults import in_words
from reputation.identity import InvalidNumber, identify
from reputation.languages import ENGLISH
from reputation.moderation.refusals import refusal
from reputation.privacy import without_controls

PATH: Final = "/.well-known/telephone-numbers.json"
# A file of ten thousand numbers has about a megabyte; no list of one organisation is larger.
MOST_BYTES: Final = 1_000_000
MOST_NUMBERS: Final = 10_000
SECONDS: Final = 15.0  # for the whole fetch


class FileRefused(Exception):
    """The file cannot be fetched or read. The message names the fault: `sentence`, with the
    particulars `of` it, as `faults.in_words` takes them."""

    def __init__(self, sentence: str, **of: Any) -> None:
        self.sentence, self.of = sentence, of
        with translation.override(ENGLISH):
            super().__init__(in_words(sentence, of))


def fetch_file(domain: str) -> bytes:
    """The file of a domain. Raises FileRefused."""
    try:
        answer = outgoing.request(
            host=domain,
            path=PATH,
            headers={"Accept": "application/json"},
            seconds=SECONDS,
            most_bytes=MOST_BYTES,
        )
    except outgoing.RequestFailed as error:
        raise FileRefused(
            gettext_noop("%(address)s: %(why)s."),
            address=f"https://{domain}{PATH}",
            why=[error.sentence, error.of],
        ) from None
    return body(answer)


def body(answer: outgoing.Received) -> bytes:
    """The file in an answer. Raises FileRefused."""
    if answer.status != 200:
        raise FileRefused(
            gettext_noop("The server answered %(status)s, not 200. Redirects are not followed."),
            status=str(answer.status),
        )
    if answer.encoding != "identity":
        raise FileRefused(gettext_noop("The answer is compressed, which nobody asked for."))
    return answer.body


def read(content: bytes) -> dict[str, Any]:
    """The numbers of a file: key → purpose under `calls`, key → first and last day under
    `never_calls`. Raises FileRefused, which names the place at fault."""
    try:
        written = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise FileRefused(
            gettext_noop("The file is not JSON: %(error)s."), error=str(error)
        ) from None
    if not isinstance(written, dict) or written.get("version") != 1:
        raise FileRefused(gettext_noop('The file is not an object with "version": 1.'))
    calls = _entries(written, "calls")
    never = _entries(written, "never_calls")
    if len(calls) + len(never) > MOST_NUMBERS:
        raise FileRefused(
            gettext_noop("The file has more than %(most)s numbers."), most=f"{MOST_NUMBERS:,}"
        )
    if both := sorted(calls.keys() & never.keys()):
        raise FileRefused(
            gettext_noop("%(number)s stands under calls and under never_calls."), number=both[0]
        )
    return {
        "calls": {key: _purpose(entry, key) for key, entry in calls.items()},
        "never_calls": {key: _days(entry, key) for key, entry in never.items()},
    }


def _entries(written: dict[str, Any], part: str) -> dict[str, dict[str, Any]]:
    entries = written.get(part, [])
    if not isinstance(entries, list):
        raise FileRefused(gettext_noop("%(part)s is not a list."), part=part)
    found = {}
    for place, entry in enumerate(entries[: MOST_NUMBERS + 1], 1):
        at = [gettext_noop("%(part)s, entry %(place)s"), {"part": part, "place": str(place)}]
        if not isinstance(entry, dict) or not isinstance(entry.get("number"), str):
            raise FileRefused(gettext_noop("%(at)s: give an object with a number."), at=at)
        try:
            key = known(entry["number"]).key
        except InvalidNumber as error:
            with translation.override(ENGLISH):
                why = [refusal(error, entry["number"]), {}]
            raise FileRefused(gettext_noop("%(at)s: %(why)s"), at=at, why=why) from None
        if not key.startswith("+"):
            raise FileRefused(
                gettext_noop("%(at)s: write the number with + and calling code."), at=at
            )
        found[key] = entry
    return found


def _purpose(entry: dict[str, Any], key: str) -> str:
    purpose = entry.get("purpose", "")
    if not isinstance(purpose, str) or len(purpose) > 100:
        raise FileRefused(
            gettext_noop("%(number)s: purpose is a text of at most 100 characters."), number=key
        )
    purpose = " ".join(without_controls(purpose).split())
    # PostgreSQL accepts no NUL and no single surrogate.
    if any(unicodedata.category(char) in ("Cc", "Cs") for char in purpose):
        raise FileRefused(
            gettext_noop("%(number)s: purpose has characters that nobody can write."), number=key
        )
    return purpose


def _days(entry: dict[str, Any], key: str) -> list[str]:
    days = []
    for name in ("since", "until"):
        written = entry.get(name, "")
        try:
            days.append(date.fromisoformat(written).isoformat() if written else "")
        except (TypeError, ValueError):
            raise FileRefused(
                gettext_noop("%(number)s: %(name)s is a day, such as 2026-01-31."),
                number=key,
                name=name,
            ) from None
    if not days[0]:
        raise FileRefused(
            gettext_noop("%(number)s: give since, the first day on which it calls nobody."),
            number=key,
        )
    if days[1] and days[1] < days[0]:
        raise FileRefused(gettext_noop("%(number)s: until lies before since."), number=key)
    return days


def known(key: str) -> Any:
    return identify(key, allow_fictional=settings.FICTIONAL_NUMBERS)
