"""Lists of numbers that organisations publish under their own domain; moderators decide on them.

`https://<domain>/.well-known/telephone-numbers.json` (docs/guide/telephone-numbers.md) names
numbers that an organisation calls from and numbers that never call. A moderator names the domain;
the worker fetches the file, and a moderator decides about every change: no change of the directory
comes from a web server alone.
"""

import json
import logging
import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, Final, Unpack

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, pgettext

from edge import outgoing
from reputation.faults import in_words
from reputation.identity import InvalidNumber, identify
from reputation.languages import ENGLISH
from reputation.models import DecisionBatch, NeverCalling, Number, NumbersFile
from reputation.moderation import batches
from reputation.moderation.numbers import mark_official, unmark_official
from reputation.moderation.recording import By, DecisionError, record, require_reason
from reputation.moderation.refusals import refusal
from reputation.moderation.silence import Silence, mark_never_calling, unmark_never_calling
from reputation.privacy import without_controls

logger = logging.getLogger(__name__)

PATH: Final = "/.well-known/telephone-numbers.json"
# A file of ten thousand numbers has about a megabyte; no list of one organisation is larger.
MOST_BYTES: Final = 1_000_000
MOST_NUMBERS: Final = 10_000
SECONDS: Final = 15.0  # for the whole fetch
EVERY: Final = timedelta(days=1)
FETCHED: Final = 200  # files in a run

LONGEST_DOMAIN: Final = 253
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")

# Takes a domain; returns the file's bytes. Raises FileRefused.
type Fetch = Callable[[str], bytes]


class FileRefused(Exception):
    """The file cannot be fetched or read. The message names the fault: `sentence`, with the
    particulars `of` it, as `faults.in_words` takes them."""

    def __init__(self, sentence: str, **of: Any) -> None:
        self.sentence, self.of = sentence, of
        with translation.override(ENGLISH):
            super().__init__(in_words(sentence, of))


class NothingFound(DecisionError):
    """No change of this file waits for a decision."""


class NoDomain(DecisionError):
    """The text is not a domain name."""

    field = "domain"


def add_file(*, actor: User, domain: str, name: str, reason: str, now: datetime) -> NumbersFile:
    """Makes the worker fetch the file of this organisation. Raises NoDomain."""
    require_reason(reason)
    domain = domain.strip().lower().rstrip(".")
    if len(domain) > LONGEST_DOMAIN or not _DOMAIN.fullmatch(domain):
        raise NoDomain(_("Write the domain alone, such as bank.example."))
    with transaction.atomic():
        file, _new = NumbersFile.objects.get_or_create(
            domain=domain, defaults={"name": name, "added_at": now}
        )
        record(
            actor=actor,
            verb="add_numbers_file",
            reason=reason,
            now=now,
            after={"domain": domain, "name": file.name},
        )
    return file


def fetch_due(*, now: datetime, fetch: Fetch | None = None) -> int:
    """Fetches the files that were not fetched for a day; returns how many differ from the decided
    content."""
    due = NumbersFile.objects.exclude(checked_at__gt=now - EVERY).order_by("checked_at", "id")
    waiting = 0
    for file in due[:FETCHED]:
        try:
            waiting += check(file, now=now, fetch=fetch or fetch_file)
        except Exception:
            # After any error the other servers are asked, and this one is asked last in the next
            # run.
            logger.exception("the file of %s was passed over", file.domain)
            NumbersFile.objects.filter(pk=file.pk).update(checked_at=now)
    return waiting


def check(file: NumbersFile, *, now: datetime, fetch: Fetch) -> bool:
    """Fetches one file and notes a change for a moderator; returns whether there is one."""
    file.checked_at, file.problem, file.problem_of = now, "", {}
    try:
        content = read(fetch(file.domain))
    except FileRefused as error:
        # A change found before still waits: an unreachable server withdraws nothing.
        file.problem, file.problem_of = error.sentence, error.of
    else:
        if content in (file.decided, file.declined):
            file.found, file.found_at = None, None
        elif content != file.found:
            file.found, file.found_at = content, now
    file.save()
    return file.found is not None


def read(content: bytes) -> dict[str, Any]:
    """The numbers of a file: key → purpose under `calls`, key → first and last day under
    `never_calls`. Raises FileRefused, which names the place at fault."""
    try:
        written = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise FileRefused(
            gettext_noop("The file is no JSON: %(error)s."), error=str(error)
        ) from None
    if not isinstance(written, dict) or written.get("version") != 1:
        raise FileRefused(gettext_noop('The file is no object with "version": 1.'))
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


def accept_file(*, file: NumbersFile, **by: Unpack[By]) -> NumbersFile:
    """Enters the new content in the directory, number by number, each on record.

    Numbers that the file no longer names leave the directory if they came from the file. Raises
    NothingFound, ReasonMissing.
    """
    return _decide("accept_numbers_file", file, by)


def decline_file(*, file: NumbersFile, **by: Unpack[By]) -> NumbersFile:
    """Leaves the directory as it is, until the file changes again. Raises NothingFound."""
    return _decide("decline_numbers_file", file, by)


@transaction.atomic
def _decide(verb: str, file: NumbersFile, by: By) -> NumbersFile:
    require_reason(by["reason"])
    file = NumbersFile.objects.select_for_update().get(pk=file.pk)
    if file.found is None:
        raise NothingFound(_("No change of this file waits for a decision."))
    before = file.decided
    if verb == "accept_numbers_file":
        batch = batches.begin_import(
            verb=verb, actor=by["actor"], reason=by["reason"], now=by["now"]
        )
        _take_over(file, by, batch)
        batches.end_import(batch)
        file.decided, file.declined = file.found, {}
    else:
        file.declined = file.found
    file.found, file.found_at = None, None
    file.save()
    record(
        verb=verb,
        before={"domain": file.domain, "numbers": _count(before)},
        after={"domain": file.domain, "numbers": _count(file.decided)},
        **by,
    )
    return file


def changes(file: NumbersFile) -> list[tuple[str, str, str]]:
    """The changes that a decision on the file is about: number, before, after; "" where the file
    does not name the number. Before has the name under which the directory has the number, if that
    is somebody else's."""
    before, after = _content_in_words(file.decided), _content_in_words(file.found or {})
    changed = sorted(
        key for key in before.keys() | after.keys() if before.get(key) != after.get(key)
    )
    others = Number.objects.filter(key__in=changed, official=True).exclude(name=file.name)
    held = {
        key: _("in the directory: %s") % name for key, name in others.values_list("key", "name")
    }
    return [(key, held.get(key) or before.get(key, ""), after.get(key, "")) for key in changed]


def _content_in_words(content: dict[str, Any]) -> dict[str, str]:
    never = {
        key: " – ".join(filter(None, (_("never calls"), *days)))
        for key, days in content.get("never_calls", {}).items()
    }
    dials = pgettext("of an organisation's number", "calls")
    calls = {key: purpose or dials for key, purpose in content.get("calls", {}).items()}
    return calls | never


def _take_over(file: NumbersFile, by: By, batch: DecisionBatch) -> None:
    content, source = file.found or {}, f"https://{file.domain}{PATH}"
    by = {**by, "reason": f"{source}: {by['reason']}", "batch": batch}
    decided = file.decided
    named = {*content["calls"], *content["never_calls"]}
    gone = {*decided.get("calls", {}), *decided.get("never_calls", {})} - named
    dropped = Number.objects.filter(key__in=gone, official=True, name=file.name)
    for number in dropped.order_by("key"):
        unmark_official(identity=number.identity, **by)
    for key in sorted(content["calls"]):
        if key not in decided.get("calls", {}):
            if NeverCalling.objects.filter(number__key=key).exists():
                unmark_never_calling(identity=_known(key), **by)
            mark_official(identity=_known(key), name=file.name, **by)
    for key, (since, until) in sorted(content["never_calls"].items()):
        if decided.get("never_calls", {}).get(key) != [since, until]:
            mark_never_calling(
                identity=_known(key),
                name=file.name,
                silence=Silence(
                    date.fromisoformat(since),
                    date.fromisoformat(until) if until else None,
                    source,
                ),
                **by,
            )


def _known(key: str) -> Any:
    return identify(key, allow_fictional=settings.FICTIONAL_NUMBERS)


def _count(content: dict[str, Any]) -> int:
    return len(content.get("calls", {})) + len(content.get("never_calls", {}))


def _entries(written: dict[str, Any], part: str) -> dict[str, dict[str, Any]]:
    entries = written.get(part, [])
    if not isinstance(entries, list):
        raise FileRefused(gettext_noop("%(part)s is no list."), part=part)
    found = {}
    for place, entry in enumerate(entries[: MOST_NUMBERS + 1], 1):
        at = [gettext_noop("%(part)s, entry %(place)s"), {"part": part, "place": str(place)}]
        if not isinstance(entry, dict) or not isinstance(entry.get("number"), str):
            raise FileRefused(gettext_noop("%(at)s: give an object with a number."), at=at)
        try:
            key = _known(entry["number"]).key
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


# --- Fetching ------------------------------------------------------------------------------------


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
