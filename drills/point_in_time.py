"""A statement without WHERE at a known instant, found out seconds later: the database goes back to
just before it, from a base backup and the archive of its log."""

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drills import guide
from drills.clients import Clients, make_keys
from drills.machines import Machine, address
from drills.processes import Service, free_port, until

PAGE = "backup.md"
DISASTER = "UPDATE reputation_number SET moderated = -1, moderated_at = now()"

# What must be as it was: the rows of every table, the change log's head, the audit chain. And an
# instant at which that was so.
_FACTS = """\
import json
from django.db import connection
from django.utils import timezone
from config.backups import facts
after = None
while True:
    before = facts.gather(files=True, now=timezone.now())
    if after and not before.differences(after):
        break
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()::text")
        (instant,) = cursor.fetchone()
    after = before
print(json.dumps({"rows": before.rows, "cursor": before.cursor, "audit": before.audit}))
print(instant)
"""
_CHAIN_AND_PUBLISH = """\
from django.core.management import call_command
from reputation.moderation import chaining
chaining.chain()
call_command("publish")
"""
# A mirror of the feed, as the SDK has it, in a process of its own.
_SYNC = """\
import sys
from pathlib import Path
from ringscore import Client, Mirror
with Client("{url}", key="{key}") as client:
    mirror = Mirror(Path("{folder}"), client)
    done = mirror.sync()
    entries = sorted(set(mirror.entries()))
    print("snapshot" if done.snapshot else "changes", done.cursor, len(entries), entries)
"""


@dataclass(frozen=True, slots=True)
class _Good:
    """How all was just before the disaster. reports: the ids of those acknowledged."""

    facts: dict[str, Any]
    instant: str
    reports: list[str]


def drill(home: Path) -> bool:
    """Prints what was lost; returns whether all is as it was."""
    machine = Machine(home, "database")
    service = Service(home, database=address(machine))
    port, mirror = free_port(), home / "mirror"
    try:
        clients = _begin(machine, service, port)
        good = _work(machine, service, clients, mirror)
        _destroy(machine, service, clients)
        ahead = _sync(service, clients, mirror)
        clients.stop()

        noticed = time.monotonic()
        checked, back = _go_back(machine, service, good.instant)
        service.serve(port)
        until(lambda: clients.report(0), "Nothing is acknowledged after the recovery.")
        away = time.monotonic() - noticed

        found = machine.found(good.reports)
        after = _sync(service, clients, mirror)
        anew = _sync(service, clients, home / "anew")
    finally:
        service.end()
        machine.kill()
    print(checked)
    print(
        f"to {good.instant}: acknowledged before {len(good.reports):,}, found after "
        f"{len(found):,}, lost {len(good.reports) - len(found):,}; acknowledged after that instant "
        f"and given up {len(clients.acknowledged) - 1 - len(good.reports):,}; away {away:.1f} s"
    )
    differences = [name for name in ("rows", "cursor", "audit") if good.facts[name] != back[name]]
    head = good.facts["cursor"]
    print(f"rows, head of the change log ({head}), audit chain differ: {differences}")
    print(
        f"a mirror at cursor {ahead[1]} took a {after[0]}, and is at {after[1]} with {after[2]} "
        f"entries; a new one is at {anew[1]} with {anew[2]}"
    )
    mirrored = ahead[1] > after[1] and after[0] == "snapshot" and after[1:] == anew[1:]
    return len(found) == len(good.reports) and not differences and mirrored


def _folders(machine: Machine) -> dict[str, str]:
    """Where the guide's commands keep base backups and the archive of the log."""
    return {"BASE": str(machine.home / "base"), "ARCHIVE": str(machine.home / "archive")}


def _begin(machine: Machine, service: Service, port: int) -> Clients:
    """Starts a service whose database archives its log; returns clients of it."""
    machine.create()
    service.run("ringscore-server prepare")
    (block,) = guide.blocks(PAGE, "Once: archive the log")
    machine.run(block, **_folders(machine))
    service.serve(port)
    return Clients([port], make_keys(service))


def _work(machine: Machine, service: Service, clients: Clients, mirror: Path) -> _Good:
    """Files reports before and after a base backup, and brings the mirror up to date."""
    clients.start()
    clients.more()
    (block,) = guide.blocks(PAGE, "Each night: a base backup")
    machine.run(block, **_folders(machine))
    clients.more()
    clients.stop()
    clients.attach(clients.acknowledged[-1])
    service.python_says(_CHAIN_AND_PUBLISH)
    _sync(service, clients, mirror)
    facts, instant = _state(service)
    return _Good(facts, instant, [report.id for report in clients.acknowledged])


def _destroy(machine: Machine, service: Service, clients: Clients) -> None:
    """Files further reports, causes the disaster, and publishes the feed with it."""
    clients.start()
    clients.more()
    machine.ask(DISASTER)
    service.run("ringscore-server publish")


def _go_back(machine: Machine, service: Service, instant: str) -> tuple[str, dict[str, Any]]:
    """Does what the guide says; returns what its check prints, and the facts afterwards."""
    service.end()
    restore, wait, check = guide.blocks(PAGE, "Going back")
    (base,) = (machine.home / "base").iterdir()
    folders = _folders(machine)
    machine.run(restore + "\n" + wait, **folders, UNTIL=instant, FROM=str(base))
    facts, _ = _state(service)
    return service.run(check), facts


def _state(service: Service) -> tuple[dict[str, Any], str]:
    """What must come back, and an instant at which it was so."""
    facts, instant = service.python_says(_FACTS).splitlines()[-2:]
    return json.loads(facts), instant


def _sync(service: Service, clients: Clients, folder: Path) -> tuple[str, int, int, str]:
    """Brings a mirror up to date. Returns how (snapshot or changes), its cursor, how many entries
    it has, and which."""
    url, key = f"http://127.0.0.1:{clients.ports[0]}", clients.keys[0]
    says = service.sdk_says(_SYNC.format(url=url, key=key, folder=folder))
    how, cursor, count, entries = says.split(maxsplit=3)
    return how, int(cursor), int(count), entries
