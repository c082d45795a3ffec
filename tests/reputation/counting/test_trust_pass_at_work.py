"""How the trust pass works: in parts, by several processes, over files on a disk that can fill."""

import io

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import F

from reputation.counting import DUE, trust_pass
from reputation.counting.trust_pass import learning, reweighing, statements
from reputation.crews import ROW, Rows
from reputation.models import DueNumber, Number, Report, Reporter
from reputation.reports import withdraw_report
from tests.given.replayed import reports_of_a_world, reweigh_all
from tests.given.reporters import BAKERY, NOW, newcomer, row, say, veteran
from tests.given.rows import copy, rows_read

pytestmark = pytest.mark.django_db


@pytest.mark.slow
def test_killed_after_learning_the_next_pass_goes_on():
    reports_of_a_world(5)
    learnt = trust_pass.learn_trust()
    assert 0 < learnt.concerned <= trust_pass.due()
    # The process ends here; another one takes some numbers and ends, too.
    trust_pass.reweigh(limit=3, now=NOW)
    assert trust_pass.due() == Number.objects.count() - 3
    reweigh_all()
    assert trust_pass.due() == 0
    assert trust_pass.learn_trust().moved == 0


@pytest.mark.slow
def test_credit_that_is_earned_while_it_learns_is_kept(monkeypatch):
    reports_of_a_world(6)
    somebody = Reporter.objects.order_by("pk").first()
    read = learning._records

    def settled_meanwhile(ids):
        records = read(ids)
        Reporter.objects.filter(pk=somebody.pk).update(tp=somebody.tp + 5)
        return records

    somebody.refresh_from_db()
    trust_pass.learn_trust()
    learnt = Reporter.objects.get(pk=somebody.pk).tp
    somebody.refresh_from_db()
    monkeypatch.setattr(learning, "_records", settled_meanwhile)
    say(newcomer("one more"))  # so that there is something to learn
    trust_pass.learn_trust()
    assert Reporter.objects.get(pk=somebody.pk).tp == pytest.approx(learnt + 5, abs=0.1)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_several_processes_share_the_work():
    count = reweighing.LOCKED + 100
    say(newcomer("a"))
    here = row()
    Number.objects.bulk_create(
        Number(key=f"+86139{place:08}", country="CN", line_type="mobile", created_at=NOW,
               evidence_at=NOW, prior=here.prior, seq=1)
        for place in range(count)
    )  # fmt: skip
    told: list[int] = []
    done = trust_pass.reweigh_due(processes=2, progress=told.append)
    assert done.numbers == sum(told) == count + 1
    assert trust_pass.due() == 0
    assert row().networks == here.networks


@pytest.mark.django_db(transaction=True)
def test_what_is_read_in_parts_is_all_that_was_said(tmp_path):
    reports_of_a_world(5)
    for report in Report.objects.filter(status="live").order_by("pk")[:9]:
        withdraw_report(reporter=report.reporter, public_id=report.public_id, now=NOW)

    def read(parts: int) -> list[object]:
        with Rows(tmp_path / str(parts), 1) as rows:
            statements._gather(rows, parts=parts)
            ids = rows.close().tolist()
        found = np.fromfile(rows.folders[0].path / "rows.raw", ROW)
        return [ids, rows.live, rows.last, np.sort(found, order=["number", "at"]).tobytes()]

    for parts in (1, 2, 3):
        (tmp_path / str(parts)).mkdir()
    whole = read(1)
    assert whole[1] == Report.objects.filter(status="live").count()
    assert read(2) == read(3) == whole


def test_numbers_with_many_reports_are_weighed_fewer_at_a_time(monkeypatch):
    reports_of_a_world(5)
    monkeypatch.setattr(reweighing, "SPOKEN", 30)
    sizes = dict(Number.objects.values_list("pk", "reports"))
    lists = [some.tolist() for some in reweighing._due()]
    assert [pk for some in lists for pk in some] == sorted(sizes)
    assert all(sum(sizes[pk] for pk in some[1:]) <= 30 for some in lists)
    assert len(lists) < len(sizes)
    assert trust_pass.reweigh_due().numbers == len(sizes)


def test_processes_are_counted_from_one():
    with pytest.raises(CommandError, match="--processes 0: pass 1 or more"):
        call_command("trust", processes=0)


@pytest.mark.slow
def test_the_command_says_what_it_did():
    reports_of_a_world(7)
    out = io.StringIO()
    call_command("trust", stdout=out)
    first, second, *changes = out.getvalue().splitlines()
    assert first.startswith(f"{Report.objects.count():,} reports by 24 reporters read; ")
    assert second == f"{Number.objects.count():,} numbers reweighed."
    for line in changes:
        assert " → " in line
    out = io.StringIO()
    call_command("trust", "--touched", stdout=out)
    assert out.getvalue() == "0 numbers reweighed.\n"


def test_the_numbers_that_are_due_are_found_among_many_that_are_not():
    number = say(veteran("a"), number=BAKERY).report.number
    copy("number", number.pk, "generate_series(1, 5000) i", key="'+493090' || (1000000 + i)")
    Number.objects.update(trust_seq=F("seq"))
    Number.objects.filter(key="+4930901000007").update(trust_seq=DUE)
    DueNumber.objects.create(number=row(BAKERY))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        # As of millions, of which PostgreSQL takes a third for due.
        cursor.execute("SET LOCAL enable_sort = off")
    before = rows_read()["reputation_number"]
    assert trust_pass.due() == 2
    assert trust_pass.reweigh_due().numbers == 2
    assert rows_read()["reputation_number"] - before < 100
