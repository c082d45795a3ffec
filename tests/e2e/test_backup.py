"""Backup and restore: what comes back is what was there, or nothing does."""

import fcntl
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from django.core.files.storage import storages
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from httpx import ByteStream
from pytest_django import Settings
from ringscore import Client, Mirror

from api.keys import create_key
from config import known_keys
from config.backups import archive, facts
from reputation.counting import trust_pass
from reputation.feeds import CursorUnknown, log
from reputation.models import EvidenceEntry, Report
from reputation.rights import DataSubject, erase
from tests.e2e.server import ROOT
from tests.given.api_requests import only_django
from tests.given.attachments import attach
from tests.given.database import address, empty_database
from tests.given.processes import until
from tests.given.reporters import BAKERY, SCAMMER, crowd, newcomer, say

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out, stderr=out)
    return out.getvalue()


@pytest.fixture
def world(evidence_dir: Path) -> list[Report]:
    known_keys.check()
    reports = crowd(3)
    attach(reports[0])
    trust_pass.learn_trust()
    trust_pass.reweigh_due()
    return reports


@pytest.fixture
def elsewhere(
    tmp_path: Path, settings: Settings, evidence_dir: Path
) -> Iterator[Callable[[], None]]:
    """Moves to an empty database and another folder of evidence, as another machine has."""
    own = connection.settings_dict["NAME"]
    with empty_database() as name:

        def move() -> None:
            connection.close()
            connection.settings_dict["NAME"] = name
            folder = tmp_path / "elsewhere"
            options = {"location": folder}
            evidence = settings.STORAGES["evidence"] | {"OPTIONS": options}
            settings.STORAGES = settings.STORAGES | {"evidence": evidence}

        yield move
        connection.close()
        connection.settings_dict["NAME"] = own


def test_what_comes_back_is_what_was_there_without_who_was_erased_since(
    world: list[Report], tmp_path: Path, elsewhere: Callable[[], None]
) -> None:
    file = str(tmp_path / "backup")
    said = json.loads(run("backup", file, "--json"))
    assert (said["rows"]["reputation_report"], said["file_count"]) == (3, 1)
    assert Path(file).stat().st_mode & 0o777 == 0o600
    with pytest.raises(CommandError, match="exists already"):
        run("backup", file)
    for n in range(3):
        say(newcomer(f"later{n}"), number=BAKERY)
    ahead = log.head()
    gone = world[1].reporter
    erase(who=DataSubject([(gone.kind, gone.handle)]), now=timezone.now())
    erasures = Path(storages["evidence"].path("erasures"))

    with pytest.raises(CommandError, match=r"has \d+ tables, and only an empty one"):
        run("restore", file)
    elsewhere()
    shutil.copytree(erasures, storages["evidence"].path("erasures"))
    assert "Restored as of" in run("restore", file, "--check")

    assert EvidenceEntry.objects.get().report.number.key == SCAMMER.key
    assert not Report.objects.filter(reporter__handle=gone.handle).exists()
    assert Report.objects.filter(reporter__handle=world[2].reporter.handle).exists()
    assert log.head() < ahead
    with pytest.raises(CursorUnknown):
        log.changes_since(ahead)


@pytest.fixture
def client() -> Iterator[Client]:
    """The SDK's client, whose requests this process answers from the present database."""
    wsgi = httpx.WSGITransport(app=only_django)

    def answer(request: httpx.Request) -> httpx.Response:
        found = wsgi.handle_request(request)
        raw = b"".join(found.stream)
        return httpx.Response(found.status_code, headers=found.headers, stream=ByteStream(raw))

    _, token = create_key(name="mirror", scopes=["feed"], region="", now=timezone.now())
    # A thread of its own: Django answers none in which an event loop runs.
    with ThreadPoolExecutor(1) as pool:
        transport = httpx.MockTransport(lambda request: pool.submit(answer, request).result())
        with Client("http://127.0.0.1:8000", key=token, transport=transport) as client:
            client.moved = lambda: pool.submit(connections.close_all).result()
            yield client
            client.moved()


def test_a_mirror_that_knows_more_than_the_backup_takes_a_snapshot(
    world: list[Report],
    tmp_path: Path,
    client: Client,
    elsewhere: Callable[[], None],
    settings: Settings,
) -> None:
    settings.FEEDS_DIR, settings.FEEDS_MIN_WAIT = tmp_path / "feeds", 0
    file = str(tmp_path / "backup")
    run("publish")
    mirror = Mirror(tmp_path / "mirror", client)
    mirror.sync()
    then = set(mirror.entries())
    run("backup", file)
    crowd(5, number=BAKERY, prefix="more")
    run("publish")
    mirror.sync()
    assert set(mirror.entries()) > then
    elsewhere()
    client.moved()
    run("restore", file)
    run("publish")
    assert mirror.sync().snapshot
    assert set(mirror.entries()) == then


def damaged(content: bytes) -> bytes:
    """One bit of a file of evidence: a block after its name, in the archive's form."""
    at = content.index(b"evidence/") + 512
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


def hostile(content: bytes) -> bytes:
    """An archive that writes beside its folder."""
    to = io.BytesIO()
    writer = archive.Writer(to)
    writer.add(archive.FACTS, io.BytesIO(facts_of(content)), len(facts_of(content)))
    writer.add("evidence/../../escaped", io.BytesIO(b"x"), 1)
    writer.close()
    return to.getvalue()


def facts_of(content: bytes) -> bytes:
    return next(found.read() for _, found in archive.members(io.BytesIO(content)))


@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        (lambda content: content[: len(content) // 2], "cut short"),
        (lambda content: content[:-12_000], "cut short"),
        (lambda content: content.replace(b'"format": 1', b'"format": 2'), "reads 1. Install"),
        (lambda content: content.replace(b'"reputation.0001_', b'"reputation.9001_'), "later one"),
        (lambda content: re.sub(rb'("pseudonym",\s+").', rb"\1z", content), "stranger"),
        (damaged, "is not what was written"),
        (hostile, "which no backup has"),
        (lambda content: b"hello" * 1000, "neither an archive nor encrypted"),
    ],
)
def test_what_is_not_whole_is_not_restored(
    world: list[Report],
    tmp_path: Path,
    elsewhere: Callable[[], None],
    harm: Callable[[bytes], bytes],
    reason: str,
) -> None:
    file = tmp_path / "backup"
    run("backup", str(file))
    file.write_bytes(harm(file.read_bytes()))
    elsewhere()
    with pytest.raises(CommandError, match=reason):
        run("restore", str(file))
    assert connection.introspection.table_names() == []
    assert not list(tmp_path.glob("elsewhere/*"))


def test_killed_half_way_it_leaves_an_empty_database(
    world: list[Report], tmp_path: Path, elsewhere: Callable[[], None], settings: Settings
) -> None:
    """Whose input ends since it was killed must not take the half for the whole."""
    file = tmp_path / "backup"
    run("backup", str(file))
    elsewhere()
    content = file.read_bytes()
    environ = os.environ | {
        "DATABASE_URL": address(connection.settings_dict["NAME"]),
        "KEYS_DIR": str(settings.DATA_DIR),
        "EVIDENCE_DIR": str(tmp_path / "elsewhere"),
        "PUBLIC_URL": "http://127.0.0.1",
    }
    line = [sys.executable, "manage.py", "restore", "-"]
    with subprocess.Popen(line, cwd=ROOT, env=environ, stdin=subprocess.PIPE) as restoring:
        assert restoring.stdin is not None
        restoring.stdin.write(content[: content.index(b"evidence/") + 512])
        restoring.stdin.flush()
        until(lambda: sessions() == ["idle in transaction"], "the database is not loaded")
        restoring.kill()
    until(lambda: sessions() == [], "psql lives on")
    assert connection.introspection.table_names() == []


def sessions() -> list[str]:
    """What PostgreSQL's programs do here, as the server sees it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT state FROM pg_stat_activity WHERE application_name = 'ringscore backup' "
            "AND datname = current_database()"
        )
        return [state for (state,) in cursor.fetchall()]


@pytest.fixture
def recipient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], list[str]]:
    """Makes a key; returns the options that restore with it."""

    def make(kind: str) -> tuple[str, list[str]]:
        if kind == "age":
            subprocess.run(["age-keygen", "-o", tmp_path / "key"], check=True, capture_output=True)
            public = subprocess.check_output(["age-keygen", "-y", tmp_path / "key"], text=True)
            return public.strip(), ["--identity", str(tmp_path / "key")]
        home = tmp_path / "gnupg"
        home.mkdir(mode=0o700)
        monkeypatch.setenv("GNUPGHOME", str(home))
        line = ["gpg", "--batch", "--passphrase", "", "--quick-gen-key", "backup@ringscore.example"]
        subprocess.run(line, check=True, capture_output=True)
        return "backup@ringscore.example", []

    return make


@pytest.mark.parametrize("kind", ["age", "gpg"])
def test_who_is_not_the_recipient_reads_nothing(
    kind: str, world: list[Report], tmp_path: Path, elsewhere: Callable[[], None], recipient: Any
) -> None:
    public, options = recipient(kind)
    file = tmp_path / "backup"
    run("backup", str(file), "--recipient", public)
    assert b"reputation_report" not in file.read_bytes()
    elsewhere()
    if kind == "age":
        with pytest.raises(CommandError, match="name the private key by --identity"):
            run("restore", str(file))
        subprocess.run(["age-keygen", "-o", tmp_path / "other"], check=True, capture_output=True)
        with pytest.raises(CommandError, match=r"age did not decrypt: .*no identity matched"):
            run("restore", str(file), "--identity", str(tmp_path / "other"))
    run("restore", str(file), *options)
    assert Report.objects.count() == 3


def test_a_backup_that_fails_leaves_no_file(
    world: list[Report], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CommandError, match=r"age did not encrypt: .*malformed recipient"):
        run("backup", str(tmp_path / "backup"), "--recipient", "age1nobody")
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(CommandError, match=r"age is not installed\. Debian: apt-get install age"):
        run("backup", str(tmp_path / "backup"), "--recipient", "age1nobody")
    assert not list(tmp_path.glob("backup*"))


def test_two_backups_do_not_write_into_one_file(world: list[Report], tmp_path: Path) -> None:
    """As one by hand on the day of the timer's: what is given its name would be neither."""
    with (tmp_path / "backup.partial").open("wb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        other.write(b"half")
        other.flush()
        with pytest.raises(CommandError, match="is written by another process now"):
            run("backup", str(tmp_path / "backup"))
        assert (tmp_path / "backup.partial").read_bytes() == b"half"
    run("backup", str(tmp_path / "backup"), "--database-only")
    assert [path.name for path in tmp_path.glob("backup*")] == ["backup"]


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGHUP])
def test_a_backup_that_is_ended_leaves_no_file(
    world: list[Report], tmp_path: Path, settings: Settings, sign: signal.Signals
) -> None:
    """As when the machine shuts down meanwhile, or the terminal closes."""
    environ = os.environ | {
        "DATABASE_URL": address(connection.settings_dict["NAME"]),
        "KEYS_DIR": str(settings.DATA_DIR),
        "PUBLIC_URL": "http://127.0.0.1",
    }
    line = [sys.executable, "manage.py", "backup", str(tmp_path / "backup")]
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute("LOCK TABLE reputation_number")
        with subprocess.Popen(line, cwd=ROOT, env=environ) as process:
            until(_waits, "the backup does not begin")
            assert (tmp_path / "backup.partial").exists()
            process.send_signal(sign)
            assert process.wait(60) == 128 + sign
    assert not list(tmp_path.glob("backup*"))


def test_the_name_of_a_backup_survives_a_power_cut(
    world: list[Report], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced, sync = list[tuple[str, bool]](), os.fsync

    def noted(handle: int) -> None:
        synced.append((os.readlink(f"/proc/self/fd/{handle}"), (tmp_path / "backup").exists()))
        sync(handle)

    monkeypatch.setattr(os, "fsync", noted)
    run("backup", str(tmp_path / "backup"))
    assert [each for each in synced if each[0].startswith(str(tmp_path))] == [
        (str(tmp_path / "backup.partial"), False),
        (str(tmp_path), True),
    ]


def test_a_backup_stays_where_no_name_can_be_synced(
    world: list[Report],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def refuses(folder: Path) -> None:
        raise OSError(22, "Invalid argument")

    monkeypatch.setattr("config.management.commands.backup.keep_names", refuses)
    run("backup", str(tmp_path / "backup"))
    assert (tmp_path / "backup").stat().st_size
    assert "is whole. Whether its name survives a power cut is not known" in capsys.readouterr().err


def _waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT FROM pg_locks JOIN pg_stat_activity USING (pid) "
            "WHERE NOT granted AND datname = current_database()"
        )
        return cursor.rowcount > 0


def test_the_copy_of_a_verification_that_was_killed_goes_with_the_next(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is a copy of everything, and nobody would look for it."""
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(sys, "argv", ["manage.py"])
    file, killed, running = (tmp_path / f"verifying{name}" for name in ("", "-killed", "-running"))
    file.write_bytes(b"hello" * 1000)
    for left in (killed, running):
        left.mkdir()
        (left / "row").touch()
    handle = os.open(running, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    with pytest.raises(CommandError, match="cannot be restored whole"):
        run("backup", "--verify", str(file))
    os.close(handle)
    assert [path.name for path in tmp_path.glob("verifying-*")] == ["verifying-running"]


def test_after_going_back_a_release_restores_what_it_backs_up(
    world: list[Report], tmp_path: Path, elsewhere: Callable[[], None]
) -> None:
    """The later release has migrated the tables, and they stay as they are."""
    file, later = str(tmp_path / "backup"), ("reputation", "9999_of_a_later_release")
    MigrationRecorder(connection).record_applied(*later)
    try:
        run("backup", file)
    finally:
        MigrationRecorder(connection).record_unapplied(*later)
    elsewhere()
    assert "Restored as of" in run("restore", file, "--check")
    assert Report.objects.count() == 3


def test_a_migration_that_is_squashed_stays_known() -> None:
    assert facts.unknown(facts.applied()) == []
    assert facts.unknown(["reputation.9999_of_a_later_release"]) != []
