"""docs/guide/backup.md: what is restored is sound, and a mirror that is ahead notices."""

import io
import subprocess
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from psycopg.conninfo import make_conninfo

from config import postgres
from reputation.counting import trust_pass
from reputation.feeds import CursorUnknown, log
from reputation.models import EvidenceEntry, Report
from tests.given.attachments import attach
from tests.given.reporters import BAKERY, SCAMMER, crowd, newcomer, say

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
RESTORED = "test_ringscore_restored"


def target(name: str) -> str:
    known = connection.get_connection_params()
    wanted = ("host", "port", "user", "password", "passfile", "require_auth")
    return make_conninfo(**{key: known[key] for key in wanted if key in known}, dbname=name)


@pytest.fixture
def restored():
    """Restores a dump beside this test's database, and moves there."""
    own = connection.settings_dict["NAME"]

    def restore(dump: Path) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {RESTORED}")
        restoring = [str(postgres.program("pg_restore")), "--no-owner", "--exit-on-error"]
        subprocess.run([*restoring, f"--dbname={target(RESTORED)}", dump], check=True)
        connection.close()
        connection.settings_dict["NAME"] = RESTORED

    yield restore
    connection.close()
    connection.settings_dict["NAME"] = own
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {RESTORED}")


def test_a_restored_backup_is_sound(evidence_dir: Path, tmp_path: Path, restored) -> None:
    reports = crowd(3)
    attach(reports[0])
    trust_pass.learn_trust()
    trust_pass.reweigh_due()
    dump = tmp_path / "ringscore.dump"
    dumping = [str(postgres.program("pg_dump")), "--format=custom", f"--file={dump}"]
    subprocess.run([*dumping, target(connection.settings_dict["NAME"])], check=True)
    for n in range(3):
        say(newcomer(f"later{n}"), number=BAKERY)
    ahead = log.head()

    restored(dump)

    assert Report.objects.count() == 3
    assert log.head() < ahead
    with pytest.raises(CursorUnknown):
        log.changes_since(ahead)
    out = io.StringIO()
    call_command("migrate", verbosity=0)
    call_command("rescore", "--check", stdout=out)
    call_command("verify_attachments", stdout=out)
    assert "Numbers checked: 1. Different from their reports: 0." in out.getvalue()
    assert EvidenceEntry.objects.get().report.number.key == SCAMMER.key


def test_the_embedded_database_is_dumped_into_one_file():
    with pytest.raises(CommandError, match="dump takes the name of a file"):
        call_command("postgres", "dump")
