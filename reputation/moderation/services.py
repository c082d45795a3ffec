"""Service numbers that people are told to call: reporting lines, carriers, banks.

data/services.json names them. They are entered in the verified directory in advance, so that a
person called from a line of the police does not read that the number is unknown.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from reputation.identity import Identity, identify
from reputation.languages import choose
from reputation.models import AuditEntry, Number
from reputation.moderation import batches
from reputation.moderation.numbers import mark_official
from reputation.moderation.recording import program

PATH = Path(__file__).with_name("data") / "services.json"
# The account that the record names for them.
ACTOR = "service-numbers"
CHINESE = "CN"


@dataclass(frozen=True, slots=True)
class Service:
    """A service number. `what` says in a clause what it is for."""

    identity: Identity
    name: str
    name_zh: str
    what: str
    what_zh: str
    helps: bool = False  # for people who are called too much: gives advice, or takes a report

    def name_in(self, language: str) -> str:
        return choose(language, english=self.name, chinese=self.name_zh)

    def what_in(self, language: str) -> str:
        return choose(language, english=self.what, chinese=self.what_zh)


def service_of(key: str) -> Service | None:
    """The service that has this number; None for any other number."""
    return services().get(key)


def hotlines(country: str) -> list[Service]:
    """The services that people in a country (ISO 3166) call for help, in the order of the file."""
    return [each for each in services().values() if each.helps and each.identity.country == country]


@cache
def services() -> dict[str, Service]:
    """All services by key, in the order of the file."""
    content: dict[str, Any] = json.loads(PATH.read_text())
    found = {}
    for row in content["services"]:
        identity = identify(row["number"], region=row["country"])
        found[identity.key] = Service(
            identity,
            row["name"],
            row["name_zh"],
            row["what"],
            row["what_zh"],
            row.get("helps", False),
        )
    return found


def load_services(*, now: datetime) -> int:
    """Enters the service numbers in the verified directory. Returns how many are new there.

    A number about which a moderator has ever decided stays as the moderator left it.
    """
    source: str = json.loads(PATH.read_text())["source"]
    decided = set(
        AuditEntry.objects.filter(
            number__key__in=services(), verb__in=["mark_official", "unmark_official", "undo"]
        ).values_list("number__key", flat=True)
    )
    there = set(
        Number.objects.filter(key__in=services(), official=True).values_list("key", flat=True)
    )
    new = [each for key, each in services().items() if key not in decided | there]
    if not new:
        return 0
    actor = program(ACTOR)
    batch = batches.begin_import(actor=actor, verb="load_directory", reason=source, now=now)
    for each in new:
        name = each.name_zh if each.identity.country == CHINESE else each.name
        mark_official(
            actor=actor, identity=each.identity, name=name, reason=source, now=now, batch=batch
        )
    batches.end_import(batch)
    return len(new)
