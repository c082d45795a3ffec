"""Nobody changes a log unseen: the database refuses changes, and verifying shows them."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, models, transaction
from django.db.utils import ProgrammingError

from reputation.attachments import log as evidence_files
from reputation.attachments.log import list_evidence, verify_evidence
from reputation.models import NO_ENTRY, EvidenceEntry, Report
from tests.given.attachments import MAIL, PNG, attach, sha256
from tests.given.reporters import NOW, newcomer, say

GUIDE = Path(__file__).parents[3] / "docs" / "guide" / "evidence.md"


@pytest.fixture
def three(evidence_dir) -> Report:
    report = say(newcomer("a")).report
    for content in (PNG, MAIL, b"text"):
        attach(report, content)
    return report


@pytest.mark.django_db
@pytest.mark.parametrize(
    "act",
    [
        lambda: EvidenceEntry.objects.update(name="other"),
        lambda: EvidenceEntry.objects.all().delete(),
        lambda: EvidenceEntry.objects.filter(position=3).update(added_at=NOW),
        # Erasing, of a report that does not say so.
        lambda: EvidenceEntry.objects.update(name="", erased_at=NOW),
        lambda: evidence_files.erase_evidence([Report.objects.get().pk], now=NOW),
    ],
)
def test_the_database_refuses_changes(three, act):
    with (
        pytest.raises(ProgrammingError, match="evidence is never changed or deleted"),
        transaction.atomic(),
    ):
        act()
    assert verify_evidence(three) == []


@pytest.mark.django_db
@pytest.mark.parametrize("more", [{"sha256": "0" * 64}, {"name": "other"}, {"erased_at": None}])
def test_erasing_changes_nothing_else(three, more):
    Report.objects.update(erased_at=NOW)
    with (
        pytest.raises(ProgrammingError, match="evidence is never changed or deleted"),
        transaction.atomic(),
    ):
        EvidenceEntry.objects.update(**{"name": "", "erased_at": NOW} | more)


@pytest.mark.django_db
def test_a_report_with_evidence_cannot_vanish(three):
    with pytest.raises(models.ProtectedError):
        three.delete()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sql", "faults"),
    [
        (
            "UPDATE reputation_evidenceentry SET name = 'other' WHERE position = 2",
            ["Entry 2 was changed: its digest does not fit."],
        ),
        (
            "UPDATE reputation_evidenceentry SET added_at = added_at - interval '1 day' "
            "WHERE position = 3",
            ["Entry 3 was changed: its digest does not fit."],
        ),
        (
            "DELETE FROM reputation_evidenceentry WHERE position = 2",
            ["Entry 3 does not follow the entry before it."],
        ),
        (
            "DELETE FROM reputation_evidenceentry WHERE position = 1",
            [
                "Entry 2 does not follow the entry before it.",
                "Entry 3 does not follow the entry before it.",
            ],
        ),
    ],
)
def test_what_is_changed_all_the_same_shows(three, sql, faults):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE reputation_evidenceentry DISABLE TRIGGER evidence_append_only")
        cursor.execute(sql)
    assert verify_evidence(three) == faults


@pytest.mark.django_db
@pytest.mark.parametrize(
    "harm", [lambda path: path.unlink(), lambda path: path.write_bytes(b"retouched")]
)
def test_a_file_that_is_gone_or_changed_shows(three, evidence_dir, harm):
    harm(evidence_dir / sha256(MAIL)[:2] / sha256(MAIL))
    assert verify_evidence(three) == ["The file of entry 2 is missing or was changed."]


def entry(**fields: object) -> EvidenceEntry:
    report = Report.objects.first() or say(newcomer("a")).report
    defaults = {
        "report": report,
        "position": 1,
        "sha256": "a" * 64,
        "size": 1,
        "media_type": "text/plain",
        "added_at": NOW,
        "previous": NO_ENTRY,
        "digest": "b" * 64,
    }
    return EvidenceEntry.objects.create(**(defaults | fields))


SECOND = {"position": 2, "sha256": "c" * 64, "previous": "b" * 64}


THIRD = {"position": 2, "sha256": "d" * 64, "previous": "e" * 64}


CONSTRAINTS = {
    "evidence_position_unique": [lambda: (entry(), entry(**SECOND), entry(**THIRD))],
    "evidence_once_per_report": [lambda: (entry(), entry(**(SECOND | {"sha256": "a" * 64})))],
    "evidence_never_forks": [
        lambda: (entry(), entry(**SECOND), entry(**(SECOND | {"position": 3, "sha256": "d" * 64})))
    ],
    "evidence_begins_with_zeros": [
        lambda: entry(previous="b" * 64),
        lambda: entry(position=2),
        lambda: entry(position=0),
    ],
    "evidence_hashes_are_hex": [
        lambda: entry(sha256="A" * 64),
        lambda: entry(sha256="a" * 63),
        lambda: entry(digest=""),
        lambda: entry(position=2, previous="x" * 64),
    ],
    "evidence_not_empty": [lambda: entry(size=0)],
    "evidence_erased_with_its_name": [lambda: entry(name="shot.png", erased_at=NOW)],
}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "act"), [(name, act) for name, acts in CONSTRAINTS.items() for act in acts]
)
def test_the_database_refuses_what_is_no_log(name, act):
    with pytest.raises(IntegrityError, match=f'constraint "{name}"'), transaction.atomic():
        act()


@pytest.mark.django_db
def test_every_constraint_of_the_log_has_its_case():
    entry()
    entry(**SECOND)
    assert {constraint.name for constraint in EvidenceEntry._meta.constraints} == set(CONSTRAINTS)


def checked(log: Path) -> subprocess.CompletedProcess[str]:
    """What the script in the documentation says of a log."""
    [script] = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    return subprocess.run(
        [sys.executable, "-I", "-c", script, log], capture_output=True, text=True, check=False
    )


@pytest.mark.django_db
def test_the_script_in_the_documentation_checks_a_log(three, tmp_path):
    results = [
        evidence_files.entry_fields(entry) | {"digest": entry.digest}
        for entry in list_evidence(reporter=three.reporter, public_id=three.public_id)
    ]
    log = tmp_path / "log.json"
    log.write_text(json.dumps({"results": results}))
    assert checked(log).stdout == f"sound; the last digest is {results[-1]['digest']}\n"
    results[1]["name"] = "other"
    log.write_text(json.dumps({"results": results}))
    assert "entry 2 was changed" in checked(log).stderr
    del results[1]
    log.write_text(json.dumps({"results": results}))
    assert "entry 3 does not follow" in checked(log).stderr
