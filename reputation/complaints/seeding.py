"""Loads the reviewed data files (data/seeds/*.json) into rows that moderators may edit.

A second load changes nothing; a newer file replaces rows without edits. An edited row stays
unchanged, and the outcome names it, so that a moderator can compare.
"""

import hashlib
import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

from django.db import transaction
from django.forms.models import model_to_dict

from reputation.models import (
    Authority,
    Channel,
    Provision,
    ProvisionAct,
    Sourced,
    Statute,
    Template,
    take_turn,
)

DATA = Path(__file__).parent / "data" / "seeds"
# Fields that came later than the first rows.
_LATER: Final[dict[type[Any], tuple[str, ...]]] = {
    Authority: (
        *("answer_days", "answer_basis", "answer_basis_zh"),
        *("addressee_en", "addressee_zh"),
    ),
    Statute: ("categories", "authority_kinds"),
    ProvisionAct: ("hours_from", "hours_to", "most_calls", "in_days"),
}
# Not from a file: the check of a row, and the loader's own notes.
NOT_SEEDED = {"id", "checked", "checked_at", "checked_by", "seed"}


@dataclass(slots=True)
class Loaded:
    """The slugs that a load created, updated, or kept as edited."""

    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


@transaction.atomic
def load(folder: Path = DATA) -> Loaded:
    """Loads every file of the folder into the database, all or nothing."""
    take_turn("facts of complaints")
    loaded = Loaded()
    for path in sorted(folder.glob("*.json")):
        content = json.loads(path.read_text())
        for each in content.get("authorities", []):
            authority = _place(Authority, each, loaded, without=("channels",))
            for channel in each.get("channels", []):
                _place(Channel, channel, loaded, authority=authority)
        for each in content.get("statutes", []):
            statute = _place(Statute, each, loaded, without=("provisions",))
            for provision in each.get("provisions", []):
                _place(Provision, provision, loaded, without=("acts",), statute=statute)
        for each in content.get("templates", []):
            _place(Template, each, loaded)
    return loaded


def _place(kind: type[Sourced], seed: dict[str, Any], loaded: Loaded, **how: Any) -> Any:
    """The row of a seed, stored. An error of it names the seed."""
    try:
        return _stored(kind, seed, loaded, **how)
    except Exception as error:
        error.add_note(f"It is about {seed.get('slug', seed)!r} in {DATA.name}/.")
        raise


def _stored(
    kind: type[Sourced],
    seed: dict[str, Any],
    loaded: Loaded,
    without: tuple[str, ...] = (),
    **more: Any,
) -> Any:
    acts = seed.get("acts", [])
    values = {name: value for name, value in seed.items() if name not in without} | more
    row = kind._default_manager.filter(slug=seed["slug"]).first()
    if row is not None and row.seed != digest_of(row):
        loaded.kept.append(row.slug)
        return row
    # Unchecked: an earlier check compared the old wording with the official text.
    wanted = kind(**{name: _value(kind, name, value) for name, value in values.items()})
    wanted.pk = row and row.pk
    wanted.seed = _digest(content_of(wanted, acts))
    if row is not None and row.seed == wanted.seed:
        return row
    wanted.save(force_insert=row is None)
    if isinstance(wanted, Provision):
        wanted.acts.all().delete()
        ProvisionAct.objects.bulk_create(ProvisionAct(provision=wanted, **act) for act in acts)
    (loaded.created if row is None else loaded.updated).append(wanted.slug)
    return wanted


def digest_of(row: Sourced) -> str:
    """SHA-256 of a row's content, which reveals edits."""
    return _digest(content_of(row))


def _digest(content: dict[str, Any]) -> str:
    text = json.dumps(content, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def content_of(row: Sourced, acts: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    content = {name: value for name, value in model_to_dict(row).items() if name not in NOT_SEEDED}
    # Rows from before these fields have a digest without them, and nobody edited those.
    content = _without_empty(content, _LATER.get(type(row), ()))
    if isinstance(row, Provision):
        blank = {"item": "", "wording_zh": "", "wording_own": ""}
        given = [blank | act for act in acts] if acts is not None else list(_acts(row))
        content["acts"] = sorted(given, key=lambda act: str(act["conduct"]))
    return content


def _acts(provision: Provision) -> Iterator[dict[str, Any]]:
    for act in provision.acts.all():
        content = model_to_dict(act, exclude=["id", "provision"])
        yield _without_empty(content, _LATER[ProvisionAct])


def _without_empty(content: dict[str, Any], names: Collection[str]) -> dict[str, Any]:
    return {name: value for name, value in content.items() if value or name not in names}


def _value(kind: type[Sourced], name: str, value: Any) -> Any:
    if isinstance(value, str) and kind._meta.get_field(name).get_internal_type() == "DateField":
        return date.fromisoformat(value)
    return value
