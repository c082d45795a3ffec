"""A statement without WHERE at a known instant, found out seconds later: the database goes back to
just before it, from a base backup and the archive of its log."""

import json
import time
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


def drill(home: Path) -> bool:
    """Prints what was lost; returns whether all is as it was."""
    machine = Machine(home, "database")
    service = Service(home, database=address(machine))
    base, archive = machine.home / "base", machine.home / "archive"
    where = {"BASE": str(base), "ARCHIVE": str(archive)}
    port = free_port()
    try:
        machine.create()
        service.run("ringscore-server prepare")
        (block,) = guide.blocks(PAGE, "Once: archive the log")
        machine.run(block, **where)
        service.serve(port)
        clients = Clients([port], make_keys(service))

        clients.start()
        clients.more()
        (block,) = guide.blocks(PAGE, "Each night: a base backup")
        machine.run(block, **where)
        clients.more()
        clients.stop()
        clients.attach(clients.acknowledged[-1])
        service.python_says(_CHAIN_AND_PUBLISH)
        _sync(service, clients, home / "mirror")
        good, instant = _state(service)
        before = [report.id for report in clients.acknowledged]

        clients.start()
        clients.more()
        machine.ask(DISASTER)
        service.run("ringscore-server publish")
        ahead = _sync(service, clients, home / "mirror")
        clients.stop()

        noticed = time.monotonic()
        service.end()
        restore, wait, check = guide.blocks(PAGE, "Going back")
        (folder,) = base.iterdir()
        machine.run(restore + "\n" + wait, **where, UNTIL=instant, FROM=str(folder))
        back, _ = _state(service)
        checked = service.run(check)
        service.serve(port)
        until(lambda: clients.report(0), "Nothing is acknowledged after the recovery.")
        away = time.monotonic() - noticed

        found = machine.found(before)
        given_up = len(clients.acknowledged) - 1 - len(before)
        after = _sync(service, clients, home / "mirror")
        anew = _sync(service, clients, home / "anew")
    finally:
        service.end()
        machine.kill()
    print(checked)
    print(
        f"to {instant}: acknowledged before {len(before):,}, found after {len(found):,}, "
        f"lost {len(before) - len(found):,}; acknowledged after that instant and given up "
        f"{given_up:,}; away {away:.1f} s"
    )
    differences = [name for name in ("rows", "cursor", "audit") if good[name] != back[name]]
    print(f"rows, head of the change log ({good['cursor']}), audit chain differ: {differences}")
    print(
        f"a mirror at cursor {ahead[1]} took a {after[0]}, and is at {after[1]} with {after[2]} "
        f"entries; a new one is at {anew[1]} with {anew[2]}"
    )
    mirrored = ahead[1] > after[1] and after[0] == "snapshot" and after[1:] == anew[1:]
    return len(found) == len(before) and not differences and mirrored


def _state(service: Service) -> tuple[dict[str, Any], str]:
    """What must come back, and an instant at which it was so."""
    facts, instant = service.python_says(_FACTS).splitlines()[-2:]
    return json.loads(facts), instant


def _sync(service: Service, clients: Clients, folder: Path) -> tuple[str, int, int, str]:
    """Brings a mirror up to date: by a snapshot or by changes, the cursor, how many entries, and
    which.
    """
    url, key = f"http://127.0.0.1:{clients.ports[0]}", clients.keys[0]
    says = service.sdk_says(_SYNC.format(url=url, key=key, folder=folder))
    how, cursor, count, entries = says.split(maxsplit=3)
    return how, int(cursor), int(count), entries
