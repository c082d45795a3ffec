"""The verified directory as a file: out as CSV, and in again with a preview.

django-import-export reads, compares and writes; what it would save goes through the verbs that
moderators use, so each entry is on record with the reason given. A bad row names its field and the
remedy, and costs no other row anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from import_export import fields, resources
from import_export.formats.base_formats import CSV
from import_export.instance_loaders import BaseInstanceLoader
from import_export.results import RowResult
from tablib import Dataset

from reputation.identity import Identity, InvalidNumber, identify
from reputation.models import OfficialNumber
from reputation.moderation.numbers import mark_official, unmark_official
from reputation.moderation.recording import DecisionError, require_reason

# Of one file: each row is a decision of its own, taken while the page waits.
MOST_ROWS = 1_000
MOST_BYTES = 500_000
LONGEST_NAME = 100
COLUMNS = ("number", "name", "country", "remove")
FORMULA = ("=", "+", "-", "@")
YES = frozenset({"yes", "y", "1", "true", "x", "是"})


class FileError(ValueError):
    """The file cannot be read as a directory. The message names the remedy."""


@dataclass(slots=True)
class Entry:
    """What the directory says of a number, and will say; "" where it says nothing."""

    identity: Identity
    before: str
    after: str

    @property
    def key(self) -> str:
        return self.identity.key


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the file: what it does (new, update, delete, skip, or invalid) and to what."""

    number: int
    does: str
    said: str
    key: str
    before: str
    after: str
    errors: Mapping[str, list[str]]


@dataclass(frozen=True, slots=True)
class Outcome:
    lines: list[Line]

    def count(self, does: str) -> int:
        return sum(line.does == does for line in self.lines)

    @property
    def bad(self) -> list[Line]:
        return [line for line in self.lines if line.errors]

    @property
    def changing(self) -> int:
        return sum(line.does in ("new", "update", "delete") for line in self.lines)


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
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise FileError(_("The file is no text. Save it as CSV in UTF-8."))


def preview(*, text: str, actor: User, now: datetime) -> Outcome:
    """What importing `text` would do. Changes nothing. Raises FileError."""
    return _run(text, actor, "preview", now, dry_run=True)


def take_in(*, text: str, actor: User, reason: str, now: datetime) -> Outcome:
    """Enters, renames and removes as the rows say, each on record. Raises FileError, ReasonMissing.

    Not one transaction: a row that is refused leaves the others in force.
    """
    require_reason(reason)
    return _run(text, actor, reason, now, dry_run=False)


def give_out() -> str:
    """The whole directory as CSV, in the form that `take_in` reads."""
    entries = OfficialNumber.objects.filter(official=True).order_by("key")
    exported: str = CSV().export_data(DirectoryResource().export(entries))
    return exported


def _run(text: str, actor: User, reason: str, now: datetime, *, dry_run: bool) -> Outcome:
    resource = DirectoryResource(actor=actor, reason=reason, now=now, dry_run=dry_run)
    result = resource.import_data(_dataset(text), use_transactions=False, raise_errors=False)
    if result.base_errors:
        raise result.base_errors[0].error
    return Outcome(resource.lines)


def _dataset(text: str) -> Dataset:
    try:
        dataset = CSV().create_dataset(text)
    except Exception as error:
        raise FileError(_("The file is no CSV: %(error)s") % {"error": error}) from error
    headers = [str(header or "").strip().lower() for header in dataset.headers or ()]
    if not {"number", "name"} <= set(headers):
        raise FileError(
            _("The first line must name the columns: number, name; country and remove may follow.")
        )
    if unknown := [header for header in headers if header not in COLUMNS]:
        raise FileError(
            _("Unknown column: %(name)s. There are: %(columns)s.")
            % {"name": unknown[0], "columns": ", ".join(COLUMNS)}
        )
    if len(dataset) > MOST_ROWS:
        raise FileError(
            _("The file has %(rows)d rows, more than %(most)d. Split it.")
            % {"rows": len(dataset), "most": MOST_ROWS}
        )
    dataset.headers = headers
    return dataset


class DirectoryResource(resources.Resource):  # type: ignore[misc]
    number = fields.Field(attribute="key", column_name="number")
    name = fields.Field(attribute="name", column_name="name")
    country = fields.Field(attribute="country", column_name="country")

    class Meta:
        import_id_fields = ("number",)
        instance_loader_class = BaseInstanceLoader
        skip_diff = True
        report_skipped = True

    def __init__(
        self,
        *,
        actor: User | None = None,
        reason: str = "",
        now: datetime | None = None,
        dry_run: bool = True,
    ) -> None:
        super().__init__()
        self.actor, self.reason, self.now, self.dry_run = actor, reason, now, dry_run
        self.lines: list[Line] = []
        self._official: dict[str, str] = {}
        self._seen: dict[str, int] = {}

    def dehydrate_name(self, number: OfficialNumber) -> str:
        """Spreadsheets take what begins like this for a formula, unless a quote goes before it."""
        return f"'{number.name}" if number.name.startswith(FORMULA) else number.name

    def get_queryset(self) -> QuerySet[Any]:
        return OfficialNumber.objects.filter(official=True)

    def before_import(self, dataset: Dataset, **kwargs: Any) -> None:
        """All entries of the file's numbers at once, not one by one."""
        keys = []
        for row in dataset.dict:
            try:
                keys.append(_identity(row).key)
            except ValidationError:
                continue
        entries = self.get_queryset().filter(key__in=keys)
        self._official = dict(entries.values_list("key", "name"))

    def get_or_init_instance(self, instance_loader: Any, row: dict[str, Any]) -> tuple[Entry, bool]:
        identity = _identity(row)
        before = self._official.get(identity.key)
        return Entry(identity, before or "", before or ""), before is None

    def for_delete(self, row: dict[str, Any], instance: Entry) -> bool:
        if _text(row, "remove").lower() not in YES:
            return False
        instance.after = ""
        return True

    def import_instance(self, instance: Entry, row: dict[str, Any], **kwargs: Any) -> None:
        name = " ".join(_text(row, "name").split())
        instance.after = name[1:] if name.startswith("'") and name[1:].startswith(FORMULA) else name
        if not instance.after:
            raise ValidationError(
                {"name": _("Give the holder's name, or write yes under remove to take it out.")}
            )
        if len(instance.after) > LONGEST_NAME:
            raise ValidationError(
                {"name": _("At most %(most)d characters.") % {"most": LONGEST_NAME}}
            )

    def skip_row(
        self, instance: Entry, original: Any, row: dict[str, Any], errors: Any = None
    ) -> bool:
        return not errors and instance.key in self._official and instance.after == instance.before

    def save_instance(
        self, instance: Entry, is_create: bool, row: dict[str, Any], **kwargs: Any
    ) -> None:
        self._once(instance, kwargs["row_number"])
        if not self.dry_run:
            self._decide(mark_official, instance, name=instance.after)

    def delete_instance(self, instance: Entry, row: dict[str, Any], **kwargs: Any) -> None:
        self._once(instance, kwargs["row_number"])
        if not self.dry_run:
            self._decide(unmark_official, instance)

    def save_m2m(self, instance: Entry, row: dict[str, Any], **kwargs: Any) -> None:
        """There is nothing to save beside the entry."""

    def validate_instance(
        self, instance: Entry, import_validation_errors: Any = None, validate_unique: bool = True
    ) -> None:
        if import_validation_errors:
            raise ValidationError(import_validation_errors)

    def import_row(self, row: dict[str, Any], instance_loader: Any, **kwargs: Any) -> RowResult:
        kept: RowResult = super().import_row(
            row, instance_loader, **kwargs | {"retain_instance_in_row_result": True}
        )
        entry, errors = getattr(kept, "instance", None), {}
        if kept.validation_error is not None:
            errors = kept.validation_error.message_dict
        elif kept.errors:
            errors = {"": [str(kept.errors[0].error)]}
        self.lines.append(
            Line(
                number=kwargs["row_number"] + 1,  # as an editor counts, below the headings
                does="invalid" if errors else kept.import_type,
                said=_text(row, "number"),
                key=entry.key if entry else "",
                before=entry.before if entry else "",
                after=entry.after if entry else "",
                errors=errors,
            )
        )
        return kept

    def _once(self, entry: Entry, row_number: int) -> None:
        first = self._seen.setdefault(entry.key, row_number)
        if first != row_number:
            raise ValidationError(
                {
                    "number": _("Line %(line)d has this number too: keep one of them.")
                    % {"line": first + 1}
                }
            )

    def _decide(self, verb: Any, entry: Entry, **more: str) -> None:
        try:
            verb(
                actor=self.actor, identity=entry.identity, reason=self.reason, now=self.now, **more
            )
        except DecisionError as error:
            raise ValidationError({"number": str(error)}) from error


def _identity(row: Mapping[str, Any]) -> Identity:
    said = _text(row, "number")
    if not said:
        raise ValidationError({"number": _("Give the number.")})
    try:
        region = _text(row, "country").upper()
        return identify(said, region=region, allow_fictional=settings.FICTIONAL_NUMBERS)
    except InvalidNumber as error:
        raise ValidationError({"number": str(error)}) from error


def _text(row: Mapping[str, Any], column: str) -> str:
    return str(row.get(column) or "").strip()
