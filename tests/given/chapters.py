"""Numbers of several chapters: whether they are as folded anew, and what reads them whole."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

from reputation.counting import chapters, counted, refolding
from reputation.counting.chapters import Part
from reputation.models import Chapter, EvidenceBucket, Number, Report


def said_of(number: Number) -> dict[str, Any]:
    """All that is derived from what is said of the number, but for its chapters."""
    buckets = EvidenceBucket.objects.filter(number=number)
    return {
        "number": Number.objects.filter(pk=number.pk).values().get(),
        "buckets": sorted(buckets.values_list("side", "kind", "bucket", "short", "long", "at")),
        "reports": sorted(
            Report.objects.filter(number=number).values_list(
                "seq", "weight", "established", "contribution"
            )
        ),
    }


def assert_as_folded_anew(number: Number) -> None:
    found = said_of(number)
    with transaction.atomic():
        again = Number.objects.select_for_update().get(pk=number.pk)
        refolding.refold_all([again])
        again.save()
        assert found == said_of(again)
        assert_chapters_add_up(again)
        transaction.set_rollback(True)
    assert_chapters_add_up(number)


def assert_chapters_add_up(number: Number) -> None:
    whole = Part()
    for _, own, before in chapters.chapters_of(number):
        assert before in (None, whole)
        whole = whole.then(own)
    if Chapter.objects.filter(number=number).exists():
        assert whole == Part.of(number)
        [(_, own, before)] = chapters.last_chapters([number]).values()
        assert before.then(own) == whole


@contextmanager
def read_whole() -> Iterator[list[str]]:
    """The statements that read all reports of a number."""
    found: list[str] = []

    def note(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if sql in {counted.OF_NUMBERS.text, counted.OF_NUMBERS_BUT.text}:
            found.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        yield found
