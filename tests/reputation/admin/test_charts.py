"""The chart of a number: what its shapes stand for."""

from itertools import pairwise

import pytest

from reputation import moderation
from reputation.admin.charts import ALONE, AXIS, LARGEST, LETTER, number_chart
from reputation.models import AuditEntry, Reporter
from reputation.moderation import dossier
from tests.given.reporters import DAY, NOW, SCAMMER, crowd, moderator, newcomer, row, say

pytestmark = pytest.mark.django_db


def test_reports_stand_on_the_chart_by_day_side_and_cluster():
    crowd(3, "legitimate", at=NOW - 30 * DAY)
    ring = [newcomer(f"ring{n}") for n in range(4)]
    for each in ring:
        say(each, network="one")
    Reporter.objects.filter(pk__in=[each.pk for each in ring]).update(cluster=ring[0].pk)
    columns = number_chart(dossier.of(row(), now=NOW + DAY)).columns
    assert (columns.step, columns.days) == (24, 1)
    assert columns.kinds == [(ALONE, None), (LARGEST, ring[0].pk)]
    drawn = [(block.kind, block.y >= AXIS) for block in columns.blocks]
    assert drawn == [(ALONE, True)] * 3 + [(LARGEST, False)]
    single = columns.blocks[0].height
    assert columns.blocks[-1].height == 4 * single
    assert [block.x for block in columns.blocks] == sorted(block.x for block in columns.blocks)


def test_decisions_close_together_are_one_mark_and_those_of_a_batch_one_line():
    """No letter lies on another."""
    reports = crowd(6, at=NOW)
    actor = moderator()
    moderation.mark_spoofed(actor=actor, identity=SCAMMER, reason="r", now=NOW + DAY)
    batch = moderation.batches.start(
        actor=actor,
        subject="report",
        verb="reject_report",
        targets=[report.pk for report in reports],
        reason="r",
        now=NOW + 2 * DAY,
    )
    while batch.finished_at is None:
        batch = moderation.batches.advance(batch=batch, now=NOW + 2 * DAY)
    for verb in (moderation.unmark_spoofed, moderation.confirm_number):
        verb(actor=actor, identity=SCAMMER, reason="r", now=NOW + 2 * DAY)
    marks = number_chart(dossier.of(row(), now=NOW + 3 * DAY)).marks
    assert [mark.letter for mark in marks] == ["A", "B"]
    assert all(b.x - a.x >= LETTER for a, b in pairwise(marks))
    lines = [[(line.verb, line.times) for line in mark.lines] for mark in marks]
    assert lines == [
        [("mark_spoofed", 1)],
        [("reject_report", 6), ("unmark_spoofed", 1), ("confirm_number", 1)],
    ]
    assert AuditEntry.objects.count() == sum(times for mark in lines for _, times in mark)
