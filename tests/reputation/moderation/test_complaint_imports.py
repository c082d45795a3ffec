"""An authority's file of complaints: all of it is taken back as one, previewed, and put back."""

import pytest

from reputation import decisions
from reputation.models import AuditEntry, DecisionBatch, ImportedComplaint, Number
from reputation.moderation import (
    SENIOR,
    AlreadyUndone,
    FileImport,
    batches,
    confirm_number,
    rollback,
    undo,
)
from tests.given.published_complaints import bring, complaint
from tests.given.reporters import BAKERY, NOW, SCAMMER, newcomer, say
from tests.given.staff import signed_in, staff

pytestmark = pytest.mark.django_db
PARTS = ([complaint("a"), complaint("b", BAKERY)], [complaint("c"), complaint("d")])


def stands() -> tuple[list[int], list[tuple]]:
    columns = ("key", "action", "score", "status", "reports", "complaints", "imported")
    numbers = Number.objects.order_by("key").values_list(*columns, "unwanted_long")
    return (
        list(ImportedComplaint.objects.order_by("id").values_list("id", flat=True)),
        [(*row[:-1], round(row[-1], 9)) for row in numbers],
    )


def brought(name: str = "day.csv") -> int:
    file = FileImport(name=name, source="ftc")
    return sum(file.bring_in(part, now=NOW).added for part in PARTS)


def taken_back(batch: DecisionBatch, actor) -> DecisionBatch:
    begun = decisions.take_batch_back(batch=batch, actor=actor, reason="a forgery", now=NOW)
    assert isinstance(begun, DecisionBatch)
    while begun.undo_finished_at is None:
        begun = batches.advance_undo(batch=begun, now=NOW)
    return begun


def test_all_of_one_file_is_taken_back_and_put_back():
    senior = staff(SENIOR)
    say(newcomer("a"))
    say(newcomer("b"), number=BAKERY)
    bring(complaint("another file"))
    before = stands()
    assert brought() == 4
    after = stands()
    batch = DecisionBatch.objects.get()
    assert (batch.verb, batch.reason) == ("import_complaints", "ftc: day.csv")
    entries = rollback.of_batch(batch).entries
    assert len(entries) == 2

    seen = batches.preview(
        actor=senior, subject="entry", verb="take_back", targets=entries, now=NOW
    )
    assert (stands(), seen.left, seen.refused) == (after, 0, [])
    foreseen = {each.number.key: (each.after.action, each.after.score) for each in seen.effects}
    assert foreseen == {row[0]: row[1:3] for row in before[1]}

    assert taken_back(batch, senior).undo_failures == {}
    assert stands() == before
    assert brought("the same.csv") == 0  # what was taken back is not brought in again
    assert DecisionBatch.objects.count() == 1

    undone = AuditEntry.objects.filter(verb="undo").order_by("-id")
    for entry in undone:
        undo(actor=senior, entry=entry, reason="it was genuine", now=NOW)
    assert stands() == after
    with pytest.raises(AlreadyUndone):
        undo(actor=senior, entry=undone[0], reason="twice", now=NOW)


def test_a_part_that_was_taken_back_alone_is_named_and_decisions_stay():
    senior = staff(SENIOR)
    brought()
    confirm_number(actor=senior, identity=SCAMMER, reason="heard it", now=NOW)
    batch = DecisionBatch.objects.order_by("created_at", "pk")[0]
    part = AuditEntry.objects.filter(batch=batch).order_by("id")[0]
    undo(actor=senior, entry=part, reason="x", now=NOW)
    found = rollback.of_batch(batch)
    assert len(found.entries) == 1
    done = taken_back(batch, senior)
    assert list(done.undo_failures) == [f"#{part.pk}"]
    assert not ImportedComplaint.objects.exists()
    assert Number.objects.get(key=SCAMMER.key).moderated == 1
    client = signed_in(senior)
    page = f"/admin/reputation/decisionbatch/{batch.pk}/change/"
    assert f"#{part.pk}" in client.get(page).content.decode()
    assert (
        client.get(f"/admin/reputation/decisionbatch/rollback/?batch={batch.pk}").status_code == 200
    )
