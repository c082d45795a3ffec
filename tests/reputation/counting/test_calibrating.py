"""Numbers drawn at random, their answers, and the curves that are fitted to them."""

import pytest
from django.utils import timezone

from reputation.counting import calibrating, canaries, draws, reassess_due
from reputation.identity import Identity, identify
from reputation.models import AuditEntry, Calibration, CalibrationDraw, Number, QueueItem
from reputation.moderation import clear_number, confirm_number, queue, undo
from reputation.moderation.roles import ADMINISTRATOR, MODERATOR
from reputation.scoring import CURVES, curves_in_use, fitting, use_curves
from tests.given.reporters import DAY, NOW, SCAMMER, moderator, newcomer, row, say, veteran
from tests.given.staff import as_role, text

pytestmark = pytest.mark.django_db

QUEUE = "/admin/reputation/queueitem/"


@pytest.fixture(autouse=True)
def shipped():
    yield
    use_curves(CURVES)


def known(place: int) -> Identity:
    return identify(f"+1415{5_200_000 + place}")


def reported(count: int, *, handle: str = "") -> None:
    """So many numbers, each reported by an account of its own, or all by one."""
    one = newcomer(handle) if handle else None
    for place in range(count):
        say(one or newcomer(f"r{place}"), number=known(place), at=NOW - DAY)


def answered(unwanted: int, legitimate: int) -> None:
    """Draws of numbers for which several voices spoke alike, decided so."""
    actor = moderator(f"m{Number.objects.count()}")
    first = Number.objects.count()
    for place in range(first, first + unwanted + legitimate):
        truth = 1 if place < first + unwanted else -1
        number = Number.objects.create(
            key=known(place).key,
            created_at=NOW,
            evidence_at=NOW,
            prior=0.5,
            moderated=truth,
            moderated_at=NOW,
        )
        entry = AuditEntry.objects.create(
            at=NOW, actor=actor, verb="v", reason="r", number=number, after={"moderated": truth}
        )
        CalibrationDraw.objects.create(
            number=number, drawn_at=NOW, raw=0.9, alone=False, place=0.5, entry=entry
        )


def test_so_many_wait_and_each_says_what_reports_said_by_then():
    reported(draws.WAITING)
    say(veteran("v"), number=known(0), at=NOW - DAY)
    assert draws.draw(now=NOW) == draws.WAITING
    say(veteran("w"), number=known(1), at=NOW + DAY)
    assert draws.draw(now=NOW + DAY) == 0
    several, *alone = CalibrationDraw.objects.order_by("alone", "number")
    assert (several.number, several.alone) == (row(known(0)), False)
    assert {each.alone for each in alone} == {True}
    assert {round(each.raw, 6) for each in alone} == {round(alone[-1].raw, 6)}
    assert several.raw > alone[0].raw


def test_what_is_decided_or_belongs_to_somebody_is_not_drawn():
    reported(5)
    for place, held in enumerate(
        ({"moderated": 1}, {"official": True}, {"disputed": True}, {"pinned": "flag"})
    ):
        Number.objects.filter(key=known(place).key).update(**held)
    assert draws.draw(now=NOW) == 1
    assert CalibrationDraw.objects.get().number == row(known(4))


def test_nobody_fills_the_sample_with_numbers_of_their_own_making():
    """A ring that made many numbers gets as few draws as anybody with two."""
    reported(draws.WAITING * 3, handle="one of a ring")
    assert draws.draw(now=NOW) == fitting.OF_ONE
    assert draws.draw(now=NOW) == 0


def test_a_decision_in_time_answers_and_what_nobody_decides_is_missing_for_good():
    reported(3)
    assert draws.draw(now=NOW) == 3
    confirm_number(actor=moderator(), identity=known(0), reason="heard it", now=NOW + DAY)
    assert draws.take_answers(now=NOW + DAY) == 1
    assert draws.unanswered(now=NOW + DAY) == 2
    assert draws.take_answers(now=NOW + 30 * DAY) == 2
    clear_number(actor=moderator("late"), identity=known(1), reason="asked", now=NOW + 31 * DAY)
    assert draws.take_answers(now=NOW + 31 * DAY) == 0
    drawn = {each.number.key: each for each in CalibrationDraw.objects.all()}
    assert drawn[known(0).key].entry == row(known(0)).decisions.get()
    assert {drawn[known(n).key].missing_at for n in (1, 2)} == {NOW + 30 * DAY}
    assert [each.unwanted for each in draws.samples(now=NOW + 31 * DAY)] == [True]
    assert draws.unanswered(now=NOW + 31 * DAY) == 2


def test_an_answer_that_is_taken_back_counts_as_missing():
    reported(1)
    draws.draw(now=NOW)
    actor = moderator()
    number = confirm_number(actor=actor, identity=known(0), reason="heard it", now=NOW)
    draws.take_answers(now=NOW)
    undo(actor=actor, entry=number.decisions.get(), reason="the wrong number", now=NOW)
    assert draws.samples(now=NOW) == []
    assert draws.unanswered(now=NOW) == 1


def test_canaries_are_drawn_like_others_and_teach_nothing():
    reported(2)
    rows = canaries.store(
        iter(["number,reason", f"{known(0).key},line 1"]),  # type: ignore[arg-type]
        region="US",
    )
    assert [each.error for each in rows] == [""]
    assert draws.draw(now=NOW) == 2
    for place in range(2):
        clear_number(actor=moderator(f"m{place}"), identity=known(place), reason="r", now=NOW)
    draws.take_answers(now=NOW)
    assert len(draws.samples(now=NOW)) == 1


@pytest.mark.parametrize(
    ("unwanted", "legitimate", "waiting", "fits"),
    [
        (20, 9, 0, False),  # too few
        (38, 2, 0, False),  # all but all of one kind
        (0, 40, 0, False),
        (20, 20, 11, False),  # more than a fifth left: easy ones were chosen
        (20, 20, 10, True),
    ],
)
def test_what_suffices_for_a_fit(unwanted, legitimate, waiting, fits):
    answered(unwanted, legitimate)
    for place in range(1000, 1000 + waiting):
        number = Number.objects.create(
            key=known(place).key, created_at=NOW, evidence_at=NOW, prior=0.5
        )
        CalibrationDraw.objects.create(number=number, drawn_at=NOW, raw=0.9, alone=False, place=0)
    assert calibrating.refit(now=NOW) is fits
    assert Calibration.objects.count() == fits


def test_what_the_draws_say_reaches_what_is_published_and_goes_when_they_do():
    for n in range(2):
        say(newcomer(f"a{n}"), at=NOW - DAY)
    before = row()
    assert before.action == "flag"
    answered(4, 36)
    assert calibrating.refit(now=NOW)
    assert not calibrating.refit(now=NOW + 2 * DAY)  # the same again changes nothing
    record = Calibration.objects.get()
    assert (record.answered, record.unwanted, record.missing) == (40, 4, 0)
    calibrating.load()
    assert curves_in_use() != CURVES
    assert calibrating.spread(now=NOW) == 0  # not before every process has loaded them
    later = NOW + calibrating.LOADED
    assert calibrating.spread(now=later) == 1
    reassess_due(now=later)
    assert (row().action, row().score < before.score) == ("allow", True)
    state = calibrating.state(now=later)
    assert state.fitted_at == NOW
    assert (state.answered, state.unwanted, state.missing) == (40, 4, 0)
    assert abs(state.used - 0.1) < abs(state.shipped - 0.1)
    told = text(as_role(ADMINISTRATOR).get("/admin/health/"))
    assert "40 are decided, 4 of them as unwanted; 0 wait or were left." in told

    answered(0, 40)
    assert not calibrating.refit(now=later)  # not every few minutes
    Number.objects.filter(calibration_draw__isnull=False).update(moderated=0)  # all taken back
    assert calibrating.refit(now=later)
    calibrating.load()
    assert curves_in_use() == CURVES
    assert calibrating.state(now=later).fitted_at is None
    assert not calibrating.refit(now=later)


def test_moderators_cannot_tell_draws_from_audits():
    reported(2)
    say(veteran("v"), at=NOW)
    draws.draw(now=timezone.now())
    queue.refresh(now=timezone.now())
    items = list(QueueItem.objects.filter(kind="audit").order_by("number__key"))
    assert [each.number.key for each in items] == [known(0).key, known(1).key, SCAMMER.key]
    assert all(each.draw.number_id == each.number_id for each in items)
    QueueItem.objects.filter(pk=items[0].pk).update(draw=None, accounts=9, harm=items[1].harm)
    client = as_role(MODERATOR)

    def page(item: QueueItem) -> str:
        shown = text(client.get(f"{QUEUE}{item.pk}/change/"))
        return shown.partition("Your answer shows")[0].replace(item.number.key[-4:], "")

    listed = client.get(QUEUE, {"kind": "audit"}).content.decode()
    assert listed.count("Your answer shows how far reports and scores can be believed.") == 3
    assert "draw" not in listed.casefold()
    assert page(items[0]).split() == page(items[1]).split()
