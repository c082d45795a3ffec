"""manage.py seed_numbers: a file of known numbers becomes decisions, row by row."""

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from reputation.disputes import open_for_holder
from reputation.disputes.deciding import decide_dispute
from reputation.identity import identify
from reputation.models import AuditEntry, Number
from reputation.moderation import clear_number, mark_reassigned, undo
from tests.given.reporters import moderator

pytestmark = pytest.mark.django_db

GOOD = """number,verdict,reason,published
+8613812345678,unwanted,court file 12,2026-03-05
13912345678,unwanted,court file 13,2026-03-05
+4930901820,legitimate,a bakery that we called,never
"""


@pytest.fixture(autouse=True)
def _judge() -> None:
    judge = moderator("ann")
    judge.is_staff = True
    judge.save()


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    return tmp_path / "seeds.csv"


def run(file: Path, *args: str) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command(
        "seed_numbers", str(file), "--moderator", "ann", "--region", "CN", *args,
        stdout=out, stderr=err,
    )  # fmt: skip
    return out.getvalue(), err.getvalue()


def actions() -> dict[str, str]:
    return dict(Number.objects.values_list("key", "action"))


def test_decisions_count_at_once_and_stand_on_record(seeds):
    seeds.write_text(GOOD)
    assert run(seeds) == ("3 numbers decided, 0 already were.\n", "")
    assert actions() == {
        "+8613812345678": "block",
        "+8613912345678": "block",
        "+4930901820": "allow",
    }
    entry = AuditEntry.objects.get(number__key="+8613812345678")
    assert (entry.actor.username, entry.verb) == ("ann", "confirm_number")
    assert entry.reason == "court file 12"
    assert entry.before["published"] == "2026-03-05T00:00:00Z"


def test_a_decision_without_its_day_counts_and_teaches_nobody_also_later(seeds):
    seeds.write_text("number,verdict,reason\n+8613812345678,unwanted,court file 12\n")
    assert run(seeds) == (
        "1 numbers decided, 0 already were.\n"
        "1 of them lack the day on which they were published, so nobody who reports them earns "
        "trust by them, also later: a second run changes nothing. Give the day, or never, in the "
        "column published before you run a file.\n",
        "",
    )
    assert actions() == {"+8613812345678": "block"}
    seeds.write_text(GOOD.splitlines()[0] + "\n" + GOOD.splitlines()[1] + "\n")
    assert run(seeds) == ("0 numbers decided, 1 already were.\n", "")
    assert AuditEntry.objects.get().before["published"] == "1970-01-01T00:00:00Z"


@pytest.mark.parametrize("day", ["5 March", "2199-01-01"])
def test_a_day_that_is_none_is_named(seeds, day):
    seeds.write_text(GOOD.replace("2026-03-05", day, 1))
    err = io.StringIO()
    with pytest.raises(CommandError, match=r"^1 rows were refused\."):
        call_command(
            "seed_numbers", str(seeds), "--moderator", "ann", "--region", "CN",
            stdout=io.StringIO(), stderr=err,
        )  # fmt: skip
    assert err.getvalue() == (
        f"line 2: published {day!r}: write its day, as 2026-03-05, or never.\n"
    )


def test_a_decision_on_what_is_published_is_taken_back_as_any(seeds):
    seeds.write_text(GOOD)
    run(seeds)
    entry = AuditEntry.objects.get(number__key="+8613812345678")
    undo(entry=entry, actor=entry.actor, reason="a slip", now=timezone.now())
    assert actions()["+8613812345678"] == "allow"


def test_again_it_does_nothing(seeds):
    seeds.write_text(GOOD)
    run(seeds)
    assert run(seeds) == ("0 numbers decided, 3 already were.\n", "")
    assert AuditEntry.objects.count() == 3


@pytest.mark.parametrize("change", ["cleared", "mistaken", "spoofed", "new_holder", "reassigned"])
def test_again_it_blocks_nobody_who_was_found_right_since(seeds, change):
    seeds.write_text(GOOD)
    run(seeds)
    number = Number.objects.get(key="+8613812345678")
    by = {"actor": moderator("ben"), "reason": "papers", "now": timezone.now()}
    if change == "cleared":
        clear_number(identity=number.identity, **by)
    elif change == "reassigned":
        mark_reassigned(identity=number.identity, **by)
    else:
        said = {"grounds": change, "statement": "It is mine."}
        dispute = open_for_holder(identity=number.identity, **said, **by)
        decide_dispute(dispute=dispute, upheld=True, **by)
    told, _err = run(seeds)
    assert told.startswith("0 numbers decided, 2 already were.\n1 were left: a moderator")
    assert actions()["+8613812345678"] == "allow"


def test_what_is_published_of_the_present_holder_counts(seeds):
    seeds.write_text(GOOD)
    by = {"actor": moderator("ben"), "reason": "papers", "now": timezone.now()}
    since = datetime(2026, 3, 4, tzinfo=UTC)
    mark_reassigned(identity=identify("+8613812345678"), since=since, **by)
    assert run(seeds)[0] == "3 numbers decided, 0 already were.\n"


def test_bad_rows_are_named_and_the_others_stay(seeds):
    seeds.write_text(
        GOOD + "12,unwanted,why\n+8613812345679,bad,why\n+8613812345680,unwanted, \nshort\n"
    )
    err = io.StringIO()
    with pytest.raises(CommandError, match=r"^4 rows were refused\. Correct them"):
        call_command(
            "seed_numbers", str(seeds), "--moderator", "ann", "--region", "CN",
            stdout=io.StringIO(), stderr=err,
        )  # fmt: skip
    lines = err.getvalue().splitlines()
    assert lines[0].startswith("line 5: number '12': ")
    assert lines[1] == "line 6: verdict 'bad': write unwanted or legitimate."
    assert lines[2].startswith("line 7: reason: Give the reason")
    assert lines[3] == "line 8: verdict '': write unwanted or legitimate."
    assert len(actions()) == 3


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"phone,verdict\n", "lacks number, reason"),
        (b"", "lacks number, verdict, reason"),
        (b"number,verdict,reason\n\xff\xfe", "not UTF-8 at byte"),
        (None, "No such file"),
    ],
)
def test_a_file_that_is_none(seeds, content, message):
    if content is not None:
        seeds.write_bytes(content)
    with pytest.raises(CommandError, match=message):
        run(seeds)
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("name", ["nobody", "bob"])
def test_only_staff_decide(seeds, name):
    moderator("bob")
    seeds.write_text(GOOD)
    with pytest.raises(CommandError, match=f"{name}: no such .* user name of an open account"):
        call_command("seed_numbers", str(seeds), "--moderator", name)
    assert not Number.objects.exists()


def test_fictional_numbers_are_taken_where_the_setting_allows_them(seeds, settings):
    seeds.write_text("number,verdict,reason,published\n+12025550177,unwanted,a test,never\n")
    with pytest.raises(CommandError, match=r"^1 rows were refused"):
        run(seeds)
    settings.FICTIONAL_NUMBERS = True
    assert run(seeds) == ("1 numbers decided, 0 already were.\n", "")
    assert actions() == {"+12025550177": "block"}
