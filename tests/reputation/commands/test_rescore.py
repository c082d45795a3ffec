import io

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F

from reputation.counting import trust_pass
from reputation.management.commands import rescore
from reputation.models import Number, Reporter
from tests.given.reporters import BAKERY, DAY, NOW, SCAMMER, row, say, veteran

pytestmark = pytest.mark.django_db


def run(*arguments: str, out: io.StringIO | None = None) -> str:
    out = out or io.StringIO()
    call_command("rescore", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def two() -> None:
    """Two numbers on record, BAKERY's key before SCAMMER's."""
    say(veteran("a"))
    say(veteran("b"), number=BAKERY)


def test_normally_nothing_differs(two: None):
    assert run() == "Numbers rebuilt: 2. Different from their reports: 0.\n"


def test_an_empty_database():
    assert run() == "Numbers rebuilt: 0. Different from their reports: 0.\n"


def test_what_differs_is_shown(two: None):
    Number.objects.filter(key=SCAMMER.key).update(reports=7, complaints=2)
    assert run() == (
        "Numbers rebuilt: 2. Different from their reports: 1.\n"
        "  +8613812345678 complaints: 2 is now 0\n"
        "  +8613812345678 reports: 7 is now 1\n"
    )
    assert (row().reports, row().complaints) == (1, 0)


def test_a_long_list_is_cut(two: None, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rescore, "SHOWN", 1)
    monkeypatch.setattr(rescore, "BATCH", 1)
    Number.objects.update(reports=7, complaints=2)
    assert run() == (
        "Numbers rebuilt: 2. Different from their reports: 2.\n"
        "  +4930901820 complaints: 2 is now 0\n"
        "  … and 3 more values.\n"
    )


@pytest.mark.parametrize("number", ["+49 30 901820", "tel:+49-30-901820", "0049 30 901820"])
def test_one_number_in_any_notation(two: None, number: str):
    Number.objects.update(reports=7)
    assert run("--number", number) == (
        "Numbers rebuilt: 1. Different from their reports: 1.\n  +4930901820 reports: 7 is now 1\n"
    )
    assert row().reports == 7


@pytest.mark.parametrize(
    ("number", "message"),
    [
        ("+15005550006", "+15005550006 is not on record: it has no reports."),
        (
            "13812345678",
            "--number 13812345678: The country is not clear from this number: write it with + and "
            "calling code, or pass region, such as CN.",
        ),
        (
            "",
            "--number : The number is empty: send the number that called, such as +8615400001234.",
        ),
    ],
)
def test_one_number_that_is_not_there(number: str, message: str):
    out = io.StringIO()
    with pytest.raises(CommandError) as caught:
        run("--number", number, out=out)
    assert (str(caught.value), out.getvalue()) == (message, "")


def test_interrupted_and_taken_up_again(two: None, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rescore, "BATCH", 1)
    given = rescore.rescore

    def interrupted(*, after: str, **options):
        if after:
            raise KeyboardInterrupt
        return given(after=after, **options)

    monkeypatch.setattr(rescore, "rescore", interrupted)
    Number.objects.update(reports=7)
    out = io.StringIO()
    with pytest.raises(CommandError) as caught:
        call_command("rescore", stdout=out)
    assert str(caught.value) == "Interrupted. Continue with: rescore --after '+4930901820'"
    assert out.getvalue().startswith("Numbers rebuilt: 1. Different from their reports: 1.\n")
    monkeypatch.setattr(rescore, "rescore", given)
    assert run("--after", "+4930901820") == (
        "Numbers rebuilt: 1. Different from their reports: 1.\n"
        "  +8613812345678 reports: 7 is now 1\n"
    )
    assert [row().reports, row(BAKERY).reports] == [1, 1]


def test_one_number_or_the_rest():
    with pytest.raises(CommandError, match="not allowed with argument"):
        run("--number", "+4930901820", "--after", "+1")


@pytest.mark.parametrize(("asked", "shown"), [([], False), (["--progress"], True)])
def test_a_progress_bar_on_request(two: None, capfd, asked: list[str], shown: bool):
    run(*asked)
    out, err = capfd.readouterr()
    assert out == ""
    assert ("2/2" in err) is shown


def checked(*arguments: str) -> tuple[str, str]:
    out = io.StringIO()
    try:
        call_command("rescore", "--check", *arguments, stdout=out)
    except CommandError as error:
        return out.getvalue(), str(error)
    return out.getvalue(), ""


@pytest.mark.django_db(transaction=True)
def test_to_check_writes_nothing_and_tells_what_is_wrong_from_what_is_due(two: None):
    trust_pass.reweigh_due()
    Number.objects.update(reassess_at=NOW + 9999 * DAY)  # so that nothing is due
    assert checked() == ("Numbers checked: 2. Different from their reports: 0.\n", "")
    # Somebody was found to move with others: the sums are to be counted by that, and will be.
    Reporter.objects.filter(handle="a").update(cluster=1, moved_seq=F("moved_seq") + 1)
    Number.objects.filter(key=BAKERY.key).update(reassess_at=NOW)
    assert checked() == (
        "Numbers checked: 2. Different from their reports: 0.\n"
        "Due, so that the worker counts them anew by itself: 2.\n",
        "",
    )
    trust_pass.mark_moved()
    assert checked()[1] == ""
    trust_pass.reweigh_due()
    Number.objects.update(reports=7, action="block", reassess_at=None)
    before = list(Number.objects.order_by("key").values())
    assert checked("--number", BAKERY.key) == (
        "Numbers checked: 1. Different from their reports: 1.\n"
        "  +4930901820 reports: 7 should be 1: the reports and complaints add up to it\n"
        "  +4930901820 action: block should be allow: the evidence says so, and no reassessment is "
        "due before\n",
        "Run rescore without --check to put this right.",
    )
    assert checked()[1] == "Run rescore without --check to put this right."
    assert list(Number.objects.order_by("key").values()) == before
    run()
    assert checked()[1] == ""
