"""Numbers whose truth would tell most about reporters wait beside those that do the most harm."""

from datetime import timedelta

import pytest
from django.utils import timezone

from reputation.counting import trust_pass
from reputation.counting.trust_pass.learning import AUDITED
from reputation.identity import Identity, identify
from reputation.models import AuditCandidate, Number, QueueItem, Reporter
from reputation.moderation import clear_number, confirm_number, queue, undo
from reputation.moderation.roles import MODERATOR
from reputation.reports import withdraw_report
from reputation.scoring import audit, to_days
from tests.given.reporters import BAKERY, DAY, NOW, SCAMMER, moderator, newcomer, numbered, row, say
from tests.given.staff import as_role, text

pytestmark = pytest.mark.django_db

QUEUE = "/admin/reputation/queueitem/"


def old(handle: str) -> Reporter:
    return Reporter.objects.create(kind="person", handle=handle, created_at=NOW - 300 * DAY)


def group() -> list[Reporter]:
    """Four people who say the same of one number, of whom the first also followed a fifth."""
    first, other, *rest = (old(f"p{n}") for n in range(5))
    say(other, number=BAKERY, at=NOW - 20 * DAY)
    say(first, number=BAKERY, at=NOW - 12 * DAY)
    for n, each in enumerate((first, *rest)):
        say(each, at=NOW - (9 - 2 * n) * DAY)
    return [first, other, *rest]


def audits() -> list[QueueItem]:
    queue.refresh(now=NOW)
    return list(queue.waiting(now=NOW, kind="audit"))


def test_they_come_in_the_order_of_what_their_truth_would_tell():
    people = [old(f"p{n}") for n in range(9)]
    rows = []
    for number in range(7):
        for place in range(1 + number):
            who = (place * 2 + number) % 9
            at = NOW - timedelta(days=60 - 5 * number - 3.5 * place)
            say(people[who], number=numbered(number), at=at)
            rows.append(
                {
                    "reporter": who,
                    "number": numbered(number).key,
                    "label": 1,
                    "time": to_days(at),
                    "created": to_days(people[who].created_at),
                    "network": f"net-p{who}",
                    "category": "loan_scam",
                }
            )
    trust_pass.learn_trust()
    items = audits()
    rows.sort(key=lambda word: word["time"])
    assert [item.number.key for item in items] == audit.rank(rows, now=to_days(NOW))
    assert [item.harm for item in items] == sorted((item.harm for item in items), reverse=True)
    assert len({item.harm for item in items}) > 1


def test_an_item_says_about_how_many_accounts_its_truth_would_tell():
    group()
    trust_pass.learn_trust()
    found = {item.number_id: item.accounts for item in audits()}
    assert found == {row().pk: 5, row(BAKERY).pk: 2}
    assert set(queue.waiting(now=NOW, kind="number").values_list("accounts", flat=True)) == {0}


def test_what_is_decided_leaves_and_comes_back_when_that_is_taken_back():
    group()
    trust_pass.learn_trust()
    actor = moderator()
    entry = Number.objects.get(pk=audits()[0].number_id)
    decided = confirm_number(actor=actor, identity=known_as(entry), reason="heard it", now=NOW)
    assert decided.pk not in {item.number_id for item in audits()}
    queue.refresh(now=NOW + 2 * DAY)
    assert not QueueItem.objects.filter(kind="audit", number=decided).exists()
    undo(actor=actor, entry=decided.decisions.get(), reason="the wrong number", now=NOW)
    assert decided.pk in {item.number_id for item in audits()}


def known_as(number: Number) -> Identity:
    return identify(number.key)


def test_the_next_pass_offers_what_still_tells_something():
    group()
    trust_pass.learn_trust()
    assert set(AuditCandidate.objects.values_list("number__key", flat=True)) == {
        SCAMMER.key,
        BAKERY.key,
    }
    clear_number(actor=moderator(), identity=BAKERY, reason="we called", now=NOW)
    trust_pass.learn_trust()
    assert AuditCandidate.objects.get().number == row()


def test_praise_and_known_liars_tell_nothing_more():
    say(newcomer("fan"), "legitimate", BAKERY)
    liar = old("liar")
    for place in range(3):
        say(liar, number=numbered(place), at=NOW - 9 * DAY)
        clear_number(actor=moderator(f"m{place}"), identity=numbered(place), reason="r", now=NOW)
    say(liar)
    trust_pass.learn_trust()
    assert not AuditCandidate.objects.exists()


@pytest.mark.slow
def test_a_week_s_work_at_most():
    for place in range(AUDITED + 1):
        say(newcomer(f"p{place}"), number=numbered(place))
    trust_pass.learn_trust()
    assert AuditCandidate.objects.count() == AUDITED


def test_a_moderator_takes_audits_alone_and_reads_why():
    group()
    say(newcomer("a"), number=numbered(1), at=timezone.now())
    trust_pass.learn_trust()
    # So that it waits for itself, too.
    Number.objects.filter(key=numbered(1).key).update(spoofed=True)
    queue.refresh(now=timezone.now())
    client = as_role(MODERATOR)
    listed = text(client.get(QUEUE, {"kind": "audit"}))
    assert "Your answer shows how far reports and scores can be believed." in listed
    first = queue.waiting(now=timezone.now(), kind="audit")[0]
    assert client.post(f"{QUEUE}next/", {"kind": "audit"})["Location"].startswith(
        f"{QUEUE}{first.pk}/change/"
    )
    shown = client.get(f"{QUEUE}{first.pk}/change/")
    assert "Your answer shows how far reports and scores can be believed." in text(shown)
    assert f"/number/{first.number_id}/decide/confirm_number/" in shown.content.decode()
    plain = QueueItem.objects.filter(kind="number", number__key=numbered(1).key).get()
    assert "Harm at stake" in text(client.get(f"{QUEUE}{plain.pk}/change/"))
    assert "Your answer shows" not in text(client.get(QUEUE, {"kind": "number"}))


def test_where_everything_was_taken_back_nothing_is_offered():
    report = say(newcomer("a"), at=NOW - DAY).report
    withdraw_report(reporter=report.reporter, public_id=report.public_id, now=NOW)
    trust_pass.learn_trust()
    assert not AuditCandidate.objects.exists()
