"""Suspected attacks: found by what is new, the same as by a whole search."""

from datetime import datetime, timedelta

import pytest

from reputation.counting import trust_pass
from reputation.identity import Identity, identify
from reputation.models import ClusterFigures, Report, Reporter
from reputation.moderation import attacks, figures, reject_report
from tests.given.reporters import BAKERY, DAY, NOW, SCAMMER, newcomer, say
from tests.given.staff import member

pytestmark = pytest.mark.django_db

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def test_clusters_that_moved_in_the_last_day():
    gang = [newcomer(f"gang{n}") for n in range(4)]
    Reporter.objects.filter(pk__in=[each.pk for each in gang]).update(cluster=gang[0].pk)
    for each in gang[:3]:
        say(each, at=NOW - HOUR, network="one")
    say(gang[0], "threat", BAKERY, at=NOW)
    say(gang[3], at=NOW - 2 * DAY)  # long ago
    lone = newcomer("lone")
    Reporter.objects.filter(pk=lone.pk).update(cluster=lone.pk)
    say(lone, at=NOW)
    say(newcomer("nobody"), at=NOW)
    rejected = say(gang[1], number=BAKERY, at=NOW).report
    reject_report(actor=member("boss"), report=rejected, reason="made up", now=NOW)
    attack, *others = attacks.lately(now=NOW)
    assert others == []
    counted = Report.objects.live().filter(reporter__in=gang, filed_at__gte=NOW - DAY)
    weight, passed = map(sum, zip(*counted.values_list("weight", "contribution"), strict=True))
    assert attack == attacks.Attack(
        reporter=gang[0].pk,
        reporters=3,
        reports=4,
        numbers=2,
        networks=2,
        category="loan_scam",
        passed=pytest.approx(passed / weight),
        last=NOW,
    )


def an_attack(size: int, cluster: int, number: Identity = SCAMMER, *, at: datetime = NOW) -> None:
    """So many accounts that act as one, and whose cluster has this name, report a number."""
    for place in range(size):
        each = newcomer(f"{cluster}-{place}-{at:%d%H%M}")
        Reporter.objects.filter(pk=each.pk).update(cluster=cluster)
        say(each, number=number, at=at)


def found(now: datetime) -> list[tuple[int, int]]:
    """As the worker finds them; the whole search finds the same."""
    figures.count_up(now=now)
    shown = [(each.reporter, each.reports) for each in attacks.lately(now=now)]
    whole = attacks.find(now=now, loudest=attacks.LOUDEST_READ)
    assert shown == [(each.reporter, each.reports) for each in whole]
    return shown


def test_attacks_are_found_by_what_is_new_and_end_after_a_day():
    an_attack(2, cluster=7)
    assert found(NOW) == [(7, 2)]
    an_attack(3, cluster=8, number=BAKERY, at=NOW + MINUTE)
    assert found(NOW + MINUTE) == [(8, 3), (7, 2)]
    an_attack(2, cluster=7, number=BAKERY, at=NOW + 2 * HOUR)
    assert found(NOW + 2 * HOUR) == [(7, 4), (8, 3)]
    assert found(NOW + DAY) == [(8, 3), (7, 2)]
    assert found(NOW + DAY + HOUR) == [(7, 2)]
    assert found(NOW + 2 * DAY) == []
    assert list(ClusterFigures.objects.all()) == []


def test_one_account_of_a_cluster_is_no_attack_and_pushes_none_out(monkeypatch):
    monkeypatch.setattr(attacks, "LOOKED_AT", 1)
    an_attack(1, cluster=7)
    [one] = Reporter.objects.filter(cluster=7)
    for number in (BAKERY, identify("+4930901821")):
        say(one, number=number)
    an_attack(2, cluster=8)
    assert found(NOW) == [(8, 2)]


def test_accounts_that_the_trust_pass_finds_to_act_as_one_are_an_attack_at_once():
    gang = [say(newcomer(f"gang{n}"), at=NOW - 5 * HOUR).report.reporter for n in range(3)]
    an_attack(2, cluster=8, at=NOW - 5 * HOUR)
    assert found(NOW) == [(8, 2)]
    trust_pass.learn_trust()
    assert list(ClusterFigures.objects.all()) == []
    Reporter.objects.filter(pk__in=[each.pk for each in gang]).update(cluster=7)
    Reporter.objects.exclude(pk__in=[each.pk for each in gang]).update(cluster=8)
    assert found(NOW + MINUTE) == [(7, 3), (8, 2)]
