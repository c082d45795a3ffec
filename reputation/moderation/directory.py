"""The verified directory as a CSV file: export, and import with a preview.

Each row goes through the verbs that moderators use, so each entry is on record with the given
reason. A bad row names its column and the remedy, and does not affect other rows.
"""

import csv
import hashlib
import io
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Unpack

import orjson
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from edge import as_csv, unguarded
from reputation import counting
from reputation.identity import Identity, InvalidNumber, identify
from reputation.models import DecisionBatch, Number, OfficialNumber
from reputation.moderation import batches, previews
from reputation.moderation.numbers import mark_official, unmark_official
from reputation.moderation.previews import Effect
from reputation.moderation.recording import By, DecisionError, ParticularWrong, require_reason
from reputation.moderation.refusals import refusal
from reputation.moderation.silence import Silence, mark_never_calling, unmark_never_calling
from reputation.scoring import Action

# Limits of one file: each row is a decision of its own, made while the page waits.
MOST_ROWS = 1_000
MOST_BYTES = 500_000
# Numbers whose public answer a preview computes.
WEIGHED = 50
LONGEST_NAME = 100
COLUMNS = ("number", "name", "country", "remove", "never_calls", "since", "until", "source")
YES = frozenset({"yes", "y", "1", "true", "x", "是"})
NO = frozenset({"no", "n", "0", "false", "否"})


class FileError(ValueError):
    """The file cannot be read as a directory. The message names the remedy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row of the file: its effect `does` (new, update, delete, skip or invalid) and its number.

    `number`: the line, from 1 as in an editor; `said`: the phone number as written. `before` and
    `after`: the directory's names for `identity`, "" without one. `silence`: the days on which the
    number calls nobody, if the row states them. `calls`: whether it states that calls come from the
    number again, which ends those days. `errors`: messages by column, "" for the whole row.
    """

    number: int
    said: str
    does: str = "new"
    identity: Identity | None = None
    before: str = ""
    after: str = ""
    silence: Silence | None = None
    calls: bool = False
    errors: Mapping[str, list[str]] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return self.identity.key if self.identity else ""

    @property
    def changes(self) -> bool:
        return self.does in ("new", "update", "delete")


@dataclass(frozen=True, slots=True)
class Outcome:
    """`batch`: the decisions that an import took; None where it took none."""

    lines: list[Line]
    batch: DecisionBatch | None = None

    def count(self, does: str) -> int:
        return sum(line.does == does for line in self.lines)

    @property
    def bad(self) -> list[Line]:
        return [line for line in self.lines if line.errors]

    @property
    def changing(self) -> int:
        return sum(line.changes for line in self.lines)

    @property
    def digest(self) -> str:
        """Stands for what the rows change; an import of what was previewed sends it back."""
        changes = [[line.key, line.before, line.after] for line in self.lines if line.changes]
        return hashlib.sha256(orjson.dumps(changes)).hexdigest()[:32]


def decode(content: bytes) -> str:
    """The text of an uploaded file: UTF-8, or GB 18030 as spreadsheets in China write it.

    Raises FileError.
    """
    if len(content) > MOST_BYTES:
        raise FileError(
            _("The file has %(size)d bytes, more than %(most)d. Split it.")
            % {"size": len(content), "most": MOST_BYTES}
        )
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:  # NUL shows UTF-16 or a binary file
            return text
    raise FileError(_("The file is not text. Save it as CSV in UTF-8."))


def preview(*, text: str) -> Outcome:
    """The effect of importing `text`, which this does not change. Raises FileError."""
    return Outcome(_lines(text))


def take_in(*, text: str, actor: User, reason: str, now: datetime) -> Outcome:
    """Adds, renames and removes entries by the rows, each on record, all in one batch, which can be
    taken back as a whole (batches.start_undo). Raises FileError, ReasonMissing.

    Not one transaction: a refused row leaves the others in force.
    """
    require_reason(reason)
    lines = _lines(text)
    if not Outcome(lines).changing:
        return Outcome(lines)
    batch = batches.begin_import(actor=actor, verb="mark_official", reason=reason, now=now)
    done = [_decide(line, actor=actor, reason=reason, now=now, batch=batch) for line in lines]
    if not Outcome(done).changing:
        batch.delete()
        return Outcome(done)
    batches.end_import(batch)
    return Outcome(done, batch)


def effects(*, outcome: Outcome, actor: User, now: datetime) -> dict[str, Effect]:
    """The public answers before and after, by key, for the first WEIGHED numbers that are decided
    or listed. Reports alone do not block an official number, but a confirmed one stays blocked: the
    importing moderator must see that."""
    lines = {line.key: line for line in outcome.lines if line.changes}
    known = Number.objects.filter(key__in=lines).exclude(action=Action.ALLOW, moderated=0)
    rows = {number.pk: 1 for number in known.order_by("key")[:WEIGHED]}

    def decide(numbers: Collection[Number]) -> dict[int, str]:
        for number in numbers:
            _decide(lines[number.key], actor=actor, reason="preview", now=now)
        return {}

    found = previews.effects(rows, decide, now=now) if rows else []
    return {effect.number.key: effect for effect in found}


def give_out() -> str:
    """The whole directory as CSV, in the form that `take_in` reads."""
    entries = OfficialNumber.objects.filter(official=True).order_by("key")
    columns = (
        *("key", "name", "country"),
        *("silence__since", "silence__until", "silence__source"),
    )
    rows = [
        (key, name, country, *(("yes", since, until or "", source) if since else ("",) * 4))
        for key, name, country, since, until, source in entries.values_list(*columns)
    ]
    return as_csv([[name for name in COLUMNS if name != "remove"], *rows])


@transaction.atomic
def _decide(line: Line, **by: Unpack[By]) -> Line:
    """Carries a row out, unless its entry was changed since it was compared with the directory."""
    if line.identity is None or line.does == "skip":
        return line
    number = counting.lock_number(line.identity, now=by["now"])
    held = number.name if number.official else ""
    if held != line.before:
        if held == line.after:
            return replace(line, does="skip", before=held)
        return _invalid(line, "number", _("Its entry was changed meanwhile. Import it again."))
    try:
        if line.does == "delete":
            unmark_official(identity=line.identity, **by)
        elif line.silence is not None:
            mark_never_calling(identity=line.identity, name=line.after, silence=line.silence, **by)
        else:
            if line.before != line.after:
                mark_official(identity=line.identity, name=line.after, **by)
            if line.calls:
                unmark_never_calling(identity=line.identity, **by)
    except DecisionError as error:
        return _invalid(line, "number", str(error))
    return line


def _lines(text: str) -> list[Line]:
    lines = [_read(number, row) for number, row in _rows(text)]
    known = OfficialNumber.objects.filter(official=True, key__in=[line.key for line in lines])
    columns = ("key", "name", "silence__since", "silence__until", "silence__source")
    entries = {
        key: (name, Silence(since, until, source) if since else None)
        for key, name, since, until, source in known.values_list(*columns)
    }
    taken: dict[str, int] = {}
    return [_compared(line, *entries.get(line.key, (None, None)), taken) for line in lines]


def _compared(
    line: Line, before: str | None, silence: Silence | None, taken: dict[str, int]
) -> Line:
    """The row's effect on the directory. `before`: its name there; `silence`: its days there;
    `taken`: the line of each key so far."""
    if line.errors:
        return line
    # First of all, so that importing a file again gives the same messages.
    first = taken.setdefault(line.key, line.number)
    if first != line.number:
        twice = _("Line %(line)d has this number too: keep one of them.") % {"line": first}
        return _invalid(line, "number", twice)
    removes = line.does == "delete"
    line = replace(line, calls=line.calls and silence is not None)
    same_silence = not line.calls and line.silence in (None, silence)
    if same_silence and before == (None if removes else line.after):
        return replace(line, does="skip", before=before or "")
    does = "delete" if removes else "new" if before is None else "update"
    return replace(line, does=does, before=before or "")


def _read(number: int, row: dict[Any, Any]) -> Line:
    """The change that the row asks for, before it is compared with the directory."""
    written, name, country, remove, never_calls, since, until, source = (
        unguarded((row.get(column) or "").strip()) for column in COLUMNS
    )
    line = Line(number=number, said=written)
    if None in row:
        return _invalid(line, "", _("More cells than columns: put quotes around each comma."))
    if not written:
        return _invalid(line, "number", _("Give the number."))
    try:
        identity = identify(
            written, region=country.upper(), allow_fictional=settings.FICTIONAL_NUMBERS
        )
    except InvalidNumber as error:
        return _invalid(line, "number", refusal(error, written))
    for column, said in (("remove", remove), ("never_calls", never_calls)):
        if said and said.lower() not in YES | NO:
            return _invalid(line, column, _("Write yes or no, or nothing."))
    if remove.lower() in YES:
        return replace(line, does="delete", identity=identity)
    name = " ".join(name.split())
    if not name:
        remedy = _("Give the holder's name, or write yes under remove to take it out.")
        return _invalid(line, "name", remedy)
    if len(name) > LONGEST_NAME:
        return _invalid(line, "name", _("At most %(most)d characters.") % {"most": LONGEST_NAME})
    calls = never_calls.lower() in NO
    line = replace(line, does="new", identity=identity, after=name, calls=calls)
    return _silent(line, since, until, source) if never_calls.lower() in YES else line


def _silent(line: Line, since: str, until: str, source: str) -> Line:
    days: dict[str, date | None] = {"since": None, "until": None}
    for column, written in (("since", since), ("until", until)):
        try:
            days[column] = date.fromisoformat(written) if written else None
        except ValueError:
            return _invalid(line, column, _("Write the day as 2026-01-31."))
    if days["since"] is None:
        return _invalid(line, "since", _("Give the first day on which it calls nobody."))
    silence = Silence(days["since"], days["until"], source)
    try:
        silence.require_sense()
    except ParticularWrong as error:
        return _invalid(line, error.field, str(error))
    return replace(line, silence=silence)


def _invalid(line: Line, column: str, message: str) -> Line:
    return Line(number=line.number, said=line.said, does="invalid", errors={column: [message]})


def _rows(text: str) -> list[tuple[int, dict[Any, Any]]]:
    """The last line number of each row, and its cells by column; surplus cells under None."""
    reader = csv.DictReader(io.StringIO(text, newline=""))
    try:
        columns = [name.strip().lower() for name in reader.fieldnames or ()]
        reader.fieldnames = columns
        rows = [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise FileError(_("The file is not CSV: %(error)s") % {"error": error}) from error
    if not {"number", "name"} <= set(columns):
        raise FileError(
            _(
                "The first line must name the columns: number, name; country, remove, never_calls, "
                "since, until and source may follow."
            )
        )
    if unknown := [name for name in columns if name not in COLUMNS]:
        raise FileError(
            _("Unknown column: %(name)s. There are: %(columns)s.")
            % {"name": unknown[0], "columns": ", ".join(COLUMNS)}
        )
    if len(rows) > MOST_ROWS:
        raise FileError(
            _("The file has %(rows)d rows, more than %(most)d. Split it.")
            % {"rows": len(rows), "most": MOST_ROWS}
        )
    return rows
