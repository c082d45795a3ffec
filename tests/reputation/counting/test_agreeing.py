"""Who counts where established reporters are asked how they agree, and what comes of it."""

from datetime import timedelta

import pytest

from reputation.counting import agreeing, calibrating
from reputation.models import Agreement, Calibration, Number, Report, Reporter
from reputation.moderation.roles import ADMINISTRATOR
from reputation.scoring import CURVES, agreement, curves_in_use, use_curves
from tests.given.reporters import DAY, NOW, SCAMMER, newcomer, say, veteran
from tests.given.staff import as_role, text

pytestmark = pytest.mark.django_db

# Of a service with few bad callers: most of what one voice alone says is legitimate.
FEW = [[110, 20, 0, 0], [30, 12, 8, 0], [10, 6, 4, 12]]


@pytest.fixture(autouse=True)
def shipped():
    yield
    use_curves(CURVES)


def counts() -> list[list[int]]:
    agreeing.measure(now=NOW)
    found = agreeing.newest()
    assert found is not None
    return found.counts


def test_each_established_voice_counts_once_and_new_accounts_do_not():
    nobody = [[0, 0, 0, 0]] * 3
    assert counts() == nobody
    for place in range(3):
        say(newcomer(f"n{place}"), at=NOW - DAY)
    assert counts() == nobody
    say(veteran("v"), at=NOW - DAY)
    assert counts() == [[0, 1, 0, 0], *nobody[1:]]
    say(veteran("w"), category="legitimate", at=NOW - DAY / 2)
    assert counts() == [nobody[0], [0, 1, 0, 0], nobody[2]]
    Reporter.objects.filter(handle__in=["v", "w"]).update(cluster=1)  # who move as one
    assert counts() == [[0, 1, 0, 0], *nobody[1:]]


@pytest.mark.parametrize(
    "changes", [{"was_warned": True}, {"status": "withdrawn"}, {"counted_at": NOW - 181 * DAY}]
)
def test_what_repeats_us_or_is_gone_or_old_does_not_count(changes):
    say(veteran("v"), at=NOW - DAY)
    Report.objects.update(**changes)
    assert agreeing.measure(now=NOW) == 0


def test_what_was_said_of_a_former_holder_does_not_count():
    say(veteran("v"), at=NOW - 2 * DAY)
    Number.objects.filter(key=SCAMMER.key).update(epoch_at=NOW - DAY)
    assert agreeing.measure(now=NOW) == 0


def test_what_was_measured_moves_percentages_without_a_moderator():
    assert not calibrating.refit(now=NOW)
    measured = Agreement.objects.create(measured_at=NOW, counts=FEW, lasting=0.5)
    assert calibrating.refit(now=NOW)
    assert not calibrating.refit(now=NOW + 2 * DAY)  # the same again changes nothing
    record = Calibration.objects.get()
    assert (record.agreement, record.answered) == (measured, 0)
    calibrating.load()
    assert curves_in_use() == agreement.moved(CURVES, measured.found) != CURVES
    state = calibrating.state(now=NOW)
    assert (state.agreed, state.fitted_at) == (212, None)
    told = text(as_role(ADMINISTRATOR).get("/admin/health/"))
    assert "Numbers of which these reporters spoke: 212." in told

    Agreement.objects.create(measured_at=NOW + DAY, counts=[[0] * 4] * 3, lasting=0.5)
    assert calibrating.refit(now=NOW + timedelta(hours=1))  # the curves that ship, at once
    assert Calibration.objects.order_by("-pk")[0].several is None
    assert calibrating.state(now=NOW).agreed == 0
