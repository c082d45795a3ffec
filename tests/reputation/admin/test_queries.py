"""Every list asks the database the same number of times at 1, at 30 and at 300 rows."""

import pytest
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from reputation.models import (
    AuditEntry,
    DecisionBatch,
    Dispute,
    Number,
    QueueItem,
    Report,
    Reporter,
    SavedFilter,
)
from reputation.moderation.roles import SENIOR
from tests.given.reporters import DAY, NOW, SCAMMER, crowd, newcomer, row, say
from tests.given.staff import signed_in, staff

pytestmark = pytest.mark.django_db

# What each list asks: session, user, permissions of user and groups, what waits for this user, what
# they judge blind, the rows' count, the rows, and saved filters; the queue, which leaves that out
# of its rows itself, also when it was worked out last and what this user decided last.
LISTS = {
    "queueitem": 10,
    "number": 9,
    "report": 9,
    "reporter": 9,
    "dispute": 9,
    "decisionbatch": 8,
    "auditentry": 9,  # and the names of staff for its filter
}


def fill(rows: int) -> None:
    """That many of everything that has a list; each with rows of its own behind it."""
    [first] = crowd(1)
    actor = staff(SENIOR, "judge")
    numbers = [_copy(row(), key=f"+4930{n:08}") for n in range(1, rows)]
    Number.objects.bulk_create(numbers)
    reporters = [_copy(first.reporter, handle=f"r{n}") for n in range(1, rows)]
    Reporter.objects.bulk_create(reporters)
    Report.objects.bulk_create(
        _copy(first, number=number, reporter=reporter, public_id=None)
        for number, reporter in zip(numbers, reporters, strict=True)
    )
    now = timezone.now()
    everything = list(Number.objects.order_by("pk"))
    QueueItem.objects.bulk_create(
        QueueItem(
            kind="number",
            subject_id=number.pk,
            number=number,
            harm=n + 1.0,
            traffic=1,
            uncertainty=1,
            dispute=1,
            attack=1,
            found_at=now,
            seen_at=now,
            claimed_by=actor if n % 2 else None,
            claimed_until=now + DAY if n % 2 else None,
        )
        for n, number in enumerate(everything)
    )
    Dispute.objects.bulk_create(
        Dispute(
            number=number,
            status="upheld",
            grounds="other",
            statement="s",
            network="n",
            via="sms",
            language="en",
            reason="r",
            opened_at=NOW,
            verified_at=NOW,
            deadline_at=NOW,
            decided_at=NOW,
            decided_by=actor,
        )
        for number in everything
    )
    DecisionBatch.objects.bulk_create(
        DecisionBatch(
            subject="number",
            verb="clear_number",
            actor=actor,
            reason="r",
            targets=[1],
            created_at=NOW,
            undo_actor=actor,
            undo_reason="r",
        )
        for _ in everything
    )
    AuditEntry.objects.bulk_create(
        AuditEntry(at=NOW, actor=actor, verb="clear_number", number=number, reason="r")
        for number in everything
    )
    for page in LISTS:
        SavedFilter.objects.create(owner=actor, page=page, name="n", query="a=b", shared=True)


def _copy(thing, **fields):
    values = {f.attname: getattr(thing, f.attname) for f in thing._meta.fields if f.name != "id"}
    if "public_id" in fields:
        values.pop("public_id")
        fields.pop("public_id")
    for name in fields:
        values.pop(f"{name}_id", None)
    return type(thing)(**values | fields)


@pytest.mark.parametrize("rows", [1, 30, pytest.param(300, marks=pytest.mark.slow)])
def test_lists_ask_as_often_whatever_is_in_them(rows: int, django_assert_num_queries):
    fill(rows)
    client = signed_in(staff(SENIOR))
    client.get("/admin/")  # asked for once in a process, then known
    for page, queries in LISTS.items():
        path = f"/admin/reputation/{page}/"
        with django_assert_num_queries(queries, info=page):
            response = client.get(path)
        assert response.status_code == 200
        shown = response.context.get("page") or response.context["cl"].result_list
        assert len(shown) == min(rows, 50 if page == "queueitem" else 100), page


@pytest.mark.parametrize("rows", [1, 30, pytest.param(300, marks=pytest.mark.slow)])
def test_pages_of_what_has_rows_itself(rows: int, django_assert_num_queries):
    ring = [newcomer(f"ring{n}") for n in range(rows)]
    say(ring[0])
    first = Report.objects.get()
    Report.objects.bulk_create(
        _copy(first, reporter=each, seq=n + 2, public_id=None) for n, each in enumerate(ring[1:])
    )
    Reporter.objects.update(cluster=ring[0].pk)
    actor = staff(SENIOR, "judge")
    Number.objects.bulk_create(
        _copy(row(), key=f"{SCAMMER.key[:-2]}{n % 100:02}") for n in range(min(rows, 50))
    )
    AuditEntry.objects.bulk_create(
        AuditEntry(
            at=NOW,
            actor=actor,
            verb="clear_number",
            reason="r",
            number=row(),
            reporter=ring[0],
            before={"moderated": 0},
            after={"moderated": -1},
        )
        for _ in range(rows)
    )
    batch = DecisionBatch.objects.create(
        subject="report",
        verb="reject_report",
        actor=actor,
        reason="r",
        targets=list(Report.objects.values_list("pk", flat=True)),
        created_at=NOW,
    )
    client = signed_in(staff(SENIOR))
    client.get("/admin/")
    ContentType.objects.get_for_models(Number, Reporter, DecisionBatch)  # known in a process
    for path, queries in (
        # The words of clusters are asked for where there is one.
        (f"number/{row().pk}/change/", 20 + (rows > 1)),
        (f"reporter/{ring[0].pk}/change/", 13),
        (f"decisionbatch/{batch.pk}/change/", 10),
    ):
        with django_assert_num_queries(queries, info=path):
            assert client.get(f"/admin/reputation/{path}").status_code == 200
