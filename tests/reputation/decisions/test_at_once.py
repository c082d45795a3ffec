"""Two moderators at one moment, with real threads: one decision results, the other is refused."""

from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User

from reputation.decisions import RULES, find, take, take_back
from reputation.models import AuditEntry, DecisionBatch, Report
from reputation.moderation import batches
from tests.given.concurrency import together
from tests.given.decisions import refusal
from tests.given.reporters import NOW, SCAMMER, newcomer, say

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def decide(actor: User, kind: str, name: str, verb: str, given: dict[str, Any]) -> None:
    rule, subject = RULES[kind][verb], find(kind, name)
    by = {"actor": actor, "reason": f"by {actor}", "seen": 0, "now": NOW}
    take(rule=rule, subject=subject, given=given, **by)


@pytest.mark.parametrize(
    ("kind", "verbs"),
    [
        ("number", ("confirm_number", "clear_number")),
        ("number", ("mark_spoofed", "mark_official")),
        ("report", ("reject_report", "merge_report")),
        ("report", ("hide_report", "reject_report")),
        ("reporter", ("block_reporter", "block_reporter")),
        ("reporter", ("block_reporter", "block_cluster")),
    ],
)
def test_of_two_decisions_on_one_subject_one_is_refused(kind: str, verbs: tuple[str, str]):
    said = [say(newcomer(handle)).report for handle in ("one", "two")]
    for report in said:
        report.reporter.cluster = said[0].reporter_id
        report.reporter.save()
    names = {
        "number": SCAMMER.key,
        "report": str(said[1].public_id),
        "reporter": str(said[1].reporter),
    }
    given = {
        "mark_official": {"name": "A Bank"},
        "merge_report": {"keep": Report.objects.get(pk=said[0].pk)},
    }
    both = [User.objects.create_superuser(name) for name in ("anna", "bert")]
    acts = [
        partial(refusal, partial(decide, actor, kind, names[kind], verb, given.get(verb, {})))
        for actor, verb in zip(both, verbs, strict=True)
    ]
    refused = together(*acts)
    assert sorted(refused)[0] == "", refused
    assert sorted(refused)[1] in {"DecidedMeanwhile", "SoAlready"}
    assert set(AuditEntry.objects.values_list("reason", flat=True)) == {
        f"by {both[refused.index('')]}"
    }


def test_a_decision_undone_by_two_is_undone_once():
    say(newcomer("one"))
    both = [User.objects.create_superuser(name) for name in ("anna", "bert")]
    decide(both[0], "number", SCAMMER.key, "confirm_number", {})
    entry = AuditEntry.objects.get()
    acts = [
        partial(refusal, partial(take_back, entry=entry, actor=actor, reason="r", now=NOW))
        for actor in both
    ]
    assert sorted(together(*acts)) == ["", "AlreadyUndone"]
    assert AuditEntry.objects.filter(undoes=entry).count() == 1


def test_a_batch_that_is_sent_twice_and_driven_by_two_decides_each_row_once():
    reports = [say(newcomer(f"n{n}")).report.pk for n in range(4)]
    actor, drawn = User.objects.create_superuser("anna"), uuid4()

    def send() -> None:
        batch = batches.start(
            actor=actor,
            subject="report",
            verb="reject_report",
            targets=reports,
            reason="r",
            now=NOW,
            batch_id=drawn,
        )
        while batch.finished_at is None:
            batch = batches.advance(batch=batch, now=NOW, limit=1)

    together(send, send)
    assert DecisionBatch.objects.get().failures == {}
    assert AuditEntry.objects.filter(verb="reject_report").count() == 4
