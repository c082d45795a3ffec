# ruff: noqa: S608 -- constants
"""What is on record stays: each of the application's database roles tries to change it."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.db.models import F

from reputation.models import AuditEntry, EvidenceEntry, Number
from reputation.moderation import chaining, clear_number, confirm_number
from reputation.rights import erase_report
from reputation.service_role import grant, owns_its_tables
from tests.given.attachments import attach
from tests.given.reporters import NOW, SCAMMER, crowd, moderator, newcomer, row, say

pytestmark = pytest.mark.django_db
TABLE, CHAIN = "reputation_auditentry", "reputation_auditdigest"
SERVICE = f"ringscore_service_{os.getpid()}"


@pytest.fixture(scope="module")
def service(django_db_setup: None) -> Iterator[str]:
    """A role that owns nothing, as an administrator of the server makes one."""
    parameters = connection.get_connection_params() | {"user": "postgres"}
    for name in ("cursor_factory", "context", "prepare_threshold"):
        parameters.pop(name, None)
    with psycopg.connect(**parameters, autocommit=True) as server:
        server.execute(f"CREATE ROLE {SERVICE} LOGIN PASSWORD 'x' ROLE {parameters_user()}")
        yield SERVICE
        server.execute(f"DROP ROLE {SERVICE}")


def parameters_user() -> str:
    return str(connection.get_connection_params()["user"])


@pytest.fixture
def entry() -> AuditEntry:
    crowd(3)
    confirm_number(actor=moderator(), identity=SCAMMER, reason="heard it", now=NOW)
    sql("SET CONSTRAINTS ALL IMMEDIATE")  # as after a commit
    return AuditEntry.objects.get()


@pytest.fixture(params=["owner", "service"])
def role(request: pytest.FixtureRequest, entry: AuditEntry) -> Iterator[str]:
    """Whom the application's statements run as in this test."""
    if request.param == "service":
        _become(request.getfixturevalue("service"))
    return str(request.param)


def _become(service: str) -> None:
    grant(service)
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {service}")
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == (service,)


def sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


CHANGES = {
    "one row by the ORM": lambda: AuditEntry(**_values(reason="other")).save(force_update=True),
    "rows by the ORM": lambda: AuditEntry.objects.update(reason="other"),
    "in bulk": lambda: AuditEntry.objects.bulk_update([_changed()], ["reason"]),
    "an expression": lambda: AuditEntry.objects.update(number=F("number")),
    "delete one row": lambda: AuditEntry.objects.get().delete(),
    "delete rows": lambda: AuditEntry.objects.all().delete(),
    "past the collector": lambda: AuditEntry.objects.all()._raw_delete("default"),
    "UPDATE": lambda: sql(f"UPDATE {TABLE} SET reason = 'other'"),
    "UPDATE to what it is": lambda: sql(f"UPDATE {TABLE} SET reason = reason"),
    "DELETE": lambda: sql(f"DELETE FROM {TABLE}"),
    "WITH": lambda: sql(f"WITH gone AS (DELETE FROM {TABLE} RETURNING 1) SELECT 1 FROM gone"),
    "MERGE": lambda: sql(
        f"MERGE INTO {TABLE} a USING {TABLE} b ON a.id = b.id WHEN MATCHED THEN DELETE"
    ),
    "upsert": lambda: sql(
        f"INSERT INTO {TABLE} SELECT * FROM {TABLE} ON CONFLICT (id) DO UPDATE SET reason = 'other'"
    ),
    "TRUNCATE": lambda: sql(f"TRUNCATE {TABLE} CASCADE"),
    "TRUNCATE numbers": lambda: sql("TRUNCATE reputation_number CASCADE"),
    "TRUNCATE accounts": lambda: sql("TRUNCATE auth_user CASCADE"),
    "its number": lambda: Number.objects.filter(key=SCAMMER.key)._raw_delete("default"),
}

# What an owner may do in SQL, though no code of ours does; the service's role may not.
OWNERS = {
    "disable the triggers": f"ALTER TABLE {TABLE} DISABLE TRIGGER ALL",
    "drop the trigger": f"DROP TRIGGER audit_append_only ON {TABLE}",
    "drop the other trigger": f"DROP TRIGGER audit_never_emptied ON {TABLE}",
    "replace the function": "CREATE OR REPLACE FUNCTION reputation_audit_refuse() RETURNS trigger "
    "LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
    "drop the function": "DROP FUNCTION reputation_audit_refuse() CASCADE",
    "drop the table": f"DROP TABLE {TABLE} CASCADE",
    "rename the table": f"ALTER TABLE {TABLE} RENAME TO other",
    "own the table": f"ALTER TABLE {TABLE} OWNER TO {SERVICE}",
    "a rule": f"CREATE RULE r AS ON INSERT TO {TABLE} DO INSTEAD NOTHING",
    "a trigger before ours": f"CREATE TRIGGER a BEFORE DELETE ON {TABLE} FOR EACH ROW "
    "EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "call it replication": "SET session_replication_role = replica",
}


def _values(**changed: str) -> dict[str, object]:
    return AuditEntry.objects.values().get() | changed


def _changed() -> AuditEntry:
    entry = AuditEntry.objects.get()
    entry.reason = "other"
    return entry


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.usefixtures("role")
def test_no_role_changes_what_is_on_record(change):
    before = list(AuditEntry.objects.values())
    told = "never changed or deleted|permission denied|violates foreign key constraint"
    with pytest.raises(DatabaseError, match=told), transaction.atomic():
        change()
    assert list(AuditEntry.objects.values()) == before


@pytest.mark.parametrize("statement", OWNERS.values(), ids=OWNERS)
@pytest.mark.usefixtures("entry")
def test_the_service_s_role_cannot_open_a_way(service: str, statement: str):
    _become(service)
    with pytest.raises(DatabaseError, match=r"must be owner|permission denied"):
        sql(statement)


def test_the_service_s_role_can_do_its_work(service: str):
    crowd(3)
    who = moderator()
    _become(service)
    say(newcomer("later"))
    clear_number(actor=who, identity=SCAMMER, reason="a clinic", now=NOW)
    assert (row().moderated, AuditEntry.objects.get().verb) == (-1, "clear_number")


def test_the_service_s_role_changes_evidence_by_erasing_alone(service: str, evidence_dir: Path):
    report = say(newcomer("a")).report
    attach(report)
    _become(service)
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        EvidenceEntry.objects.update(name="", erased_at=NOW)
    erase_report(report=report, now=NOW)
    assert EvidenceEntry.objects.get().name == ""


def test_the_command_says_what_it_granted(service: str, capsys: pytest.CaptureFixture[str]):
    call_command("grant_service_role", service)
    assert f"{service} may read and write " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("nobody_of_this_name", "There is no role nobody_of_this_name."),
        ("postgres", "postgres is a superuser"),
        ("x; DROP TABLE y", "Name a role in small letters"),
    ],
)
def test_a_role_that_will_not_do(name: str, told: str):
    with pytest.raises(CommandError, match=told):
        call_command("grant_service_role", name)


def test_nor_does_the_owner_itself():
    with pytest.raises(CommandError, match="has the rights of the tables' owner"):
        call_command("grant_service_role", parameters_user())


def test_the_chain_tells_what_was_changed_without_the_triggers(entry: AuditEntry):
    for number in range(3):
        clear_number(actor=entry.actor, identity=SCAMMER, reason=f"no {number}", now=NOW)
    first = chaining.chain()
    assert (first.added, first.entries) == (4, 4)
    assert chaining.chain() == replace(first, added=0)
    assert list(chaining.verify()) == []
    keys = list(AuditEntry.objects.order_by("pk").values_list("pk", flat=True))
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    for table in (TABLE, CHAIN):
        sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    sql(f"UPDATE {TABLE} SET reason = 'other' WHERE id = {keys[1]}")
    assert list(chaining.verify()) == [f"Entry {keys[1]} was changed: its digest does not fit."]
    with pytest.raises(CommandError, match="1 faults in 4 entries"):
        call_command("verify_audit")
    sql(f"DELETE FROM {CHAIN} WHERE entry_id = {keys[2]}")
    assert f"Entry {keys[3]} does not follow the entry before it in the chain." in list(
        chaining.verify()
    )


@pytest.mark.parametrize(
    "statement", ["UPDATE {} SET digest = ''", "DELETE FROM {}", "TRUNCATE {}"]
)
@pytest.mark.usefixtures("role")
def test_nor_does_a_role_change_the_chain(statement: str):
    chaining.chain()
    told = "never changed or deleted|permission denied"
    with pytest.raises(DatabaseError, match=told), transaction.atomic():
        sql(statement.format(CHAIN))


def test_a_service_that_owns_its_tables_is_known(service: str):
    assert owns_its_tables()
    _become(service)
    assert not owns_its_tables()
