"""A single report in few round trips leaves what each statement by itself leaves, to the bit."""

import random
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import F, Model

from reputation.counting import rescore
from reputation.identity import Identity, identify
from reputation.models import EvidenceBucket, FeedChange, Number, Report, Reporter, ReportRevision
from reputation.moderation import clear_number, confirm_number
from reputation.reports import (
    ReporterBlocked,
    ReportError,
    Statement,
    mark_stopped,
    submit_report,
    submit_reports,
    withdraw_report,
)
from tests.given.reporters import DAY, NOW, moderator, newcomer, veteran

pytestmark = pytest.mark.django_db

NUMBERS = [identify(f"+861381234{n:04}") for n in range(3)]
STEPS = 40
# What differs between two worlds that are alike.
OWN = {"id", "public_id", "number_id", "reporter_id", "report_id", "merged_into_id"}

type Submit = Callable[..., Any]


def by_batch(*, reporter: Reporter, identity: Identity, statement: Statement, **how: Any) -> Any:
    [outcome] = submit_reports(reporter=reporter, entries=[(identity, statement)], **how)
    if isinstance(outcome, ReportError):
        raise outcome
    return outcome


def people() -> list[Reporter]:
    cast = [*(newcomer(f"n{n}") for n in range(3)), *(veteran(f"v{n}") for n in range(4))]
    for reporter, fields in (
        (newcomer("of a crowd"), {"crowd": "crowd"}),
        (veteran("of a cluster"), {"cluster": 7}),
        (newcomer("blocked"), {"blocked_at": NOW}),
    ):
        Reporter.objects.filter(pk=reporter.pk).update(**fields)
        cast.append(reporter)
    return cast


def live(seed: int, submit: Submit) -> list[object]:
    """Forty things that happen, and what each of the reports was answered."""
    chance, cast, judge = random.Random(seed), people(), moderator()
    Number.objects.filter(key=NUMBERS[2].key).update(epoch_at=NOW + 3 * DAY)
    now, answers = NOW, list[object]()
    for _ in range(STEPS):
        now += timedelta(hours=chance.choice([0, 1, 30]))
        who, number, act = chance.choice(cast), chance.choice(NUMBERS), chance.random()
        if act < 0.75:
            statement = Statement(
                category=chance.choice(["loan_scam", "threat", "telemarketing", "legitimate"]),
                comment=chance.choice(["", "", "Call \u202e+86 138 0013 8000"]),
                attestation=chance.choice(["", "", "A", "failed"]),
                was_warned=chance.random() < 0.1,
                occurred_at=chance.choice([None, now, now + DAY]),
            )
            network, corrects = f"net{chance.randrange(3)}", chance.random() < 0.3
            how = {"network": network, "now": now, "corrects": corrects}
            try:
                done = submit(reporter=who, identity=number, statement=statement, **how)
                answers.append((done.created, done.number.action, done.number.score))
            except ReportError as error:
                answers.append(type(error))
        elif act < 0.9:
            report = Report.objects.filter(reporter=who, number__key=number.key).first()
            if report is not None:
                take_back = chance.choice([withdraw_report, mark_stopped])
                take_back(reporter=who, public_id=report.public_id, now=now)
        else:
            decide = chance.choice([confirm_number, clear_number])
            decide(actor=judge, identity=number, reason="a test", now=now)
    return answers


def rows(model: type[Model], *order: str, **names: F) -> list[dict[str, object]]:
    found = model._default_manager.annotate(**names).order_by(*order).values()
    return [{name: row[name] for name in row if name not in OWN} for row in found]


def world() -> list[object]:
    key, who = F("number__key"), F("reporter__handle")
    return [
        rows(Number, "key"),
        rows(Reporter, "handle"),
        rows(Report, "key", "who", key=key, who=who),
        rows(EvidenceBucket, "key", "side", "kind", "bucket", key=key),
        rows(ReportRevision, "id"),
        rows(FeedChange, "id"),
    ]


def each_by_itself(execute: Any, *statement: Any) -> Any:
    return execute(*statement)


@pytest.mark.parametrize("seed", range(3))
def test_every_way_to_file_leaves_the_same(seed):
    found = []
    for submit, watched in ((submit_report, False), (submit_report, True), (by_batch, False)):
        with ExitStack() as stack:
            stack.enter_context(transaction.atomic())
            if watched:  # then nothing is sent together, nor later
                stack.enter_context(connection.execute_wrapper(each_by_itself))
            answers = live(seed, submit)
            found.append((answers, world()))
            assert rescore(limit=10, now=NOW + 99 * DAY).differences == []
            transaction.set_rollback(True)
    assert ReporterBlocked in found[0][0]
    assert {True, False} <= {each[0] for each in found[0][0] if isinstance(each, tuple)}
    for other in found[1:]:
        assert found[0] == other
