"""Lists of numbers that organisations publish under their own domain; moderators decide on them.

`https://<domain>/.well-known/telephone-numbers.json` (docs/guide/telephone-numbers.md) names
numbers that an organisation calls from and numbers that never call. A moderator names the domain;
the worker fetches the file, and a moderator decides about every change: no change of the directory
comes from a web server alone.
"""

import logging
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, Final, Unpack

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from reputation.models import DecisionBatch, NeverCalling, Number, NumbersFile
from reputation.moderation import batches
from reputation.moderation.numbers import mark_official, unmark_official
from reputation.moderation.numbers_file import PATH, FileRefused, fetch_file, known, read
from reputation.moderation.recording import By, DecisionError, record, require_reason
from reputation.moderation.silence import Silence, mark_never_calling, unmark_never_calling

logger = logging.getLogger(__name__)

EVERY: Final = timedelta(days=1)
FETCHED: Final = 200  # files in a run

LONGEST_DOMAIN: Final = 253
LONGEST_NAME: Final = 100
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")

# Takes a domain; returns the file's bytes. Raises FileRefused.
type Fetch = Callable[[str], bytes]


class NothingFound(DecisionError):
    """No change of this file waits for a decision."""


class NoDomain(DecisionError):
    """The text is not a domain name."""

    field = "domain"


class NameWrong(DecisionError):
    """The name is empty or too long, or the file has another."""

    field = "name"


def add_file(*, actor: User, domain: str, name: str, reason: str, now: datetime) -> NumbersFile:
    """Makes the worker fetch the file of this organisation. Raises NoDomain, NameWrong."""
    require_reason(reason)
    domain = domain.strip().lower().rstrip(".")
    if len(domain) > LONGEST_DOMAIN or not _DOMAIN.fullmatch(domain):
        raise NoDomain(_("Write the domain alone, such as bank.example."))
    name = name.strip()
    if not 1 <= len(name) <= LONGEST_NAME:
        raise NameWrong(
            _("Name the organisation, in at most %(most)d characters.") % {"most": LONGEST_NAME}
        )
    with transaction.atomic():
        file, _new = NumbersFile.objects.get_or_create(
            domain=domain, defaults={"name": name, "added_at": now}
        )
        if file.name != name:
            raise NameWrong(
                _("%(domain)s is there already, under the name %(name)s.")
                % {"domain": domain, "name": file.name}
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
    content, refused = None, None
    try:
        content = read(fetch(file.domain))
    except FileRefused as error:
        refused = error
    with transaction.atomic():
        # A server may take its time: what a moderator decided meanwhile stays.
        file = NumbersFile.objects.select_for_update().get(pk=file.pk)
        file.checked_at, file.problem, file.problem_of = now, "", {}
        if refused is not None:
            # A change found before still waits: an unreachable server withdraws nothing.
            file.problem, file.problem_of = refused.sentence, refused.of
        elif content in (file.decided, file.declined):
            file.found, file.found_at = None, None
        elif content != file.found:
            file.found, file.found_at = content, now
        file.save()
    return file.found is not None


@transaction.atomic
def accept_file(*, file: NumbersFile, **by: Unpack[By]) -> NumbersFile:
    """Enters the new content in the directory, number by number, each on record.

    Numbers that the file no longer names leave the directory if they came from the file. Raises
    NothingFound, ReasonMissing.
    """
    verb = "accept_numbers_file"
    file = _changed(file, by)
    before = _count(file.decided)
    batch = batches.begin_import(verb=verb, actor=by["actor"], reason=by["reason"], now=by["now"])
    _take_over(file, by, batch)
    batches.end_import(batch)
    file.decided, file.declined = file.found, {}
    return _settle(verb, file, before, by)


@transaction.atomic
def decline_file(*, file: NumbersFile, **by: Unpack[By]) -> NumbersFile:
    """Leaves the directory as it is, until the file changes again. Raises NothingFound."""
    file = _changed(file, by)
    file.declined = file.found
    return _settle("decline_numbers_file", file, _count(file.decided), by)


def _changed(file: NumbersFile, by: By) -> NumbersFile:
    """The file, locked, with a change that waits for a decision."""
    require_reason(by["reason"])
    file = NumbersFile.objects.select_for_update().get(pk=file.pk)
    if file.found is None:
        raise NothingFound(_("No change of this file waits for a decision."))
    return file


def _settle(verb: str, file: NumbersFile, before: int, by: By) -> NumbersFile:
    """Ends the wait, and records from how many numbers to how many the file went."""
    file.found, file.found_at = None, None
    file.save()
    record(
        verb=verb,
        before={"domain": file.domain, "numbers": before},
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
                unmark_never_calling(identity=known(key), **by)
            mark_official(identity=known(key), name=file.name, **by)
    for key, (since, until) in sorted(content["never_calls"].items()):
        if decided.get("never_calls", {}).get(key) != [since, until]:
            mark_never_calling(
                identity=known(key),
                name=file.name,
                silence=Silence(
                    date.fromisoformat(since),
                    date.fromisoformat(until) if until else None,
                    source,
                ),
                **by,
            )


def _count(content: dict[str, Any]) -> int:
    return len(content.get("calls", {})) + len(content.get("never_calls", {}))
