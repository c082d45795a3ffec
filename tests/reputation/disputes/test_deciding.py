"""A dispute is decided and appealed, and what a former holder left open gives way."""

import pytest
from django.db import transaction

from reputation.counting import publishing, trust_pass
from reputation.counting.reassessment import reassess_due
from reputation.counting.rescoring import rescore
from reputation.disputes import (
    APPEAL_WITHIN,
    DECIDED_WITHIN,
    IMMUNITY,
    NotAppealable,
    NothingToDispute,
    appeal,
    appealable_until,
    disputable_from,
    find_dispute,
    histories,
    history,
    hold_dispute,
    holders_dispute,
    refusal,
    verify,
)
from reputation.disputes.deciding import DecidedBefore, NotOpen, decide_dispute
from reputation.disputes.disputable import COOL_DOWN
from reputation.identity import identify
from reputation.lookup.single import look_up
from reputation.models import AuditEntry, Dispute, Number, QueueItem, Report, Reporter
from reputation.moderation import (
    ReasonMissing,
    Silence,
    confirm_number,
    mark_never_calling,
    mark_reassigned,
    pin_number,
    queue,
    refresh_silences,
)
from reputation.scoring.policy import Action
from tests.given.disputes import MINUTE, ask, blocked, decide, kept, opened, rejected, told
from tests.given.phone import Phone
from tests.given.reporters import (
    DAY,
    NOW,
    SCAMMER,
    crowd,
    moderator,
    newcomer,
    reported,
    row,
    say,
    veteran,
)

pytestmark = pytest.mark.django_db


# --- Deciding ---


def test_rejected_it_is_what_its_evidence_says(phone: Phone):
    blocked()
    dispute = opened(phone)
    decided = decide(dispute, upheld=False)
    assert (decided.status, decided.reason, decided.decided_at) == (
        "rejected",
        "It stands.",
        NOW + DAY,
    )
    assert told(at=NOW + DAY) == ("block", "listed")
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.actor, entry.number) == ("reject_dispute", decided.decided_by, row())
    named = {"dispute": str(dispute.public_id)}
    assert entry.before == named | {"dispute_status": "open", "disputed": True}
    assert entry.after == named | {"dispute_status": "rejected", "disputed": False}


def test_upheld_the_number_stays_off_the_list_for_a_time(phone: Phone):
    reporters = [report.reporter for report in crowd(6)]
    trusted = [r.fp for r in Reporter.objects.order_by("pk")]
    decide(opened(phone), upheld=True)
    day = NOW + DAY
    assert told(at=day) == ("allow", "clear")
    # The reports were wrong, which costs whoever made them early.
    assert sum(r.fp for r in Reporter.objects.order_by("pk")) > sum(trusted)
    assert len(reporters) == 6
    assert AuditEntry.objects.get().verb == "uphold_dispute"
    # More reports do not list it while it is immune; a failed attestation inherits nothing.
    for n in range(12):
        say(veteran(f"more{n}"), at=day + n % 4 * DAY)
    at = day + 4 * DAY
    assert told(at=at) == ("allow", "clear")
    assert told(at=at, attestation="failed") == ("flag", "listed")
    assert look_up(SCAMMER, now=at).reasons[2] == (
        f"The holder's dispute was upheld: reports alone do not list the number before "
        f"{(day + IMMUNITY).date()}."
    )
    with pytest.raises(NothingToDispute):
        ask(at=at)
    # The day on which evidence counts as always again is on the calendar of the worker.
    end = day + IMMUNITY
    reassess_due(now=end - MINUTE)
    assert row().reassess_at == end


def test_upheld_it_undoes_what_the_pass_and_moderators_had_decided(phone: Phone):
    blocked()
    dispute = opened(phone)
    Number.objects.update(pinned="block", spoofed=True)
    decide(dispute, upheld=True)
    number = row()
    assert (number.promoted, number.pinned, number.spoofed) == (False, "", False)
    assert number.action == "allow"


def test_an_appeal_is_final_and_so_is_what_was_appealed(phone: Phone):
    reported()
    lost = rejected(phone, at=NOW)
    assert appealable_until(lost) == NOW + APPEAL_WITHIN
    second = appeal(public_id=lost.public_id, statement="No.", now=NOW)
    decide(second, upheld=False, at=NOW, name="another")
    for each in (lost, second):
        assert appealable_until(find_dispute(public_id=each.public_id)) is None


def test_a_moderator_overrules_immunity(phone: Phone):
    blocked()
    decide(opened(phone), upheld=True)
    confirm_number(actor=moderator(), identity=SCAMMER, reason="it is a scam", now=NOW + 2 * DAY)
    assert told(at=NOW + 2 * DAY) == ("block", "listed")


def test_upheld_for_spoofing_blames_nobody(phone: Phone):
    confirm_number(actor=moderator(), identity=SCAMMER, reason="heard it", now=NOW)
    crowd(6)
    before = list(Reporter.objects.order_by("pk").values("tp", "fp"))
    decide(opened(phone, grounds="spoofed"), upheld=True)
    assert list(Reporter.objects.order_by("pk").values("tp", "fp")) == before
    number = row()
    assert (number.spoofed, number.moderated, number.holder_verified) == (True, 0, True)
    assert told(at=NOW + DAY) == ("allow", "spoofed")
    end = NOW + DAY + IMMUNITY
    crowd(6, prefix="later", at=end - MINUTE)
    assert (row().action, row().status) == told(at=end - MINUTE) == ("allow", "spoofed")
    reassess_due(now=end)
    assert (row().action, row().status) == told(at=end) == ("flag", "spoofed")


def test_upheld_for_a_new_holder_begins_anew(phone: Phone):
    blocked()
    pin_number(
        actor=moderator("pins"),
        identity=SCAMMER,
        action=Action.BLOCK,
        until=NOW + 90 * DAY,
        reason="urgent",
        now=NOW,
    )
    decide(opened(phone, grounds="new_holder"), upheld=True)
    number = row()
    assert (number.epoch_at, number.reports, number.pinned) == (NOW + DAY, 0, "")
    assert told(at=NOW + DAY)[0] == "allow"
    assert Report.objects.live().count() == 6


def test_a_new_holder_may_call_where_the_old_one_never_did(phone: Phone):
    silence = Silence(NOW.date(), None, "its page")
    by = {"actor": moderator("directory"), "reason": "Its page says so.", "now": NOW}
    mark_never_calling(identity=SCAMMER, name="Bank", silence=silence, **by)
    decide(opened(phone, grounds="new_holder"), upheld=True)
    assert (row().official, row().never_calls) == (False, False)
    assert told(at=NOW + DAY)[0] == "allow"


@pytest.mark.parametrize("grounds", ["mistaken", "other"])
def test_a_holder_who_is_right_may_call_although_a_list_says_otherwise(phone: Phone, grounds: str):
    silence = Silence(NOW.date(), None, "a carrier's list")
    by = {"actor": moderator("directory"), "reason": "The list says so.", "now": NOW}
    mark_never_calling(identity=SCAMMER, name="Bank", silence=silence, **by)
    decide(opened(phone, grounds=grounds), upheld=True)
    assert told(at=NOW + DAY)[0] == "allow"
    assert refresh_silences(now=NOW + DAY) == 0


@pytest.mark.slow
def test_decisions_and_rebuilds_agree(phone: Phone):
    """Rescoring and the pass change nothing that a decision, or a dispute, left."""
    at = NOW + DAY
    grounds = ["mistaken", "spoofed", "new_holder", "other"]
    numbers = [identify(f"+861381234000{n}") for n in range(8)]
    for n, number in enumerate(numbers):
        crowd(4, number=number, prefix=f"{n} ")
        dispute = opened(phone, number, grounds=grounds[n % 4], network=f"net{n}")
        if n not in (3, 7):  # two stay open
            decide(dispute, upheld=n % 2 == 0, at=at, name=f"judge {n}")
    public = ("key", "action", "status", "score", "reassess_at")
    with transaction.atomic():
        # Published at the decision's moment, for the comparison.
        publishing.publish_all(list(Number.objects.select_for_update()), now=at)
    before = list(Number.objects.order_by("key").values(*public))
    assert rescore(limit=100, now=at).differences == []
    assert list(Number.objects.order_by("key").values(*public)) == before
    trust_pass.learn_trust()
    trust_pass.reweigh(now=at)
    standing = ("disputed", "immune_until", "holder_verified", "spoofed", "moderated")
    told_of = {number["key"]: number for number in Number.objects.values("key", *public, *standing)}
    for n, number in enumerate(numbers):
        found = told_of[number.key]
        assert found["disputed"] == (n in (3, 7))
        assert (found["immune_until"] is not None) == (n % 2 == 0)
        assert found["action"] == ("allow" if n % 2 == 0 else found["action"])
        assert found["action"] != "block" or n not in (3, 7)
    # What the pass learnt, a rebuild lands on as well.
    assert rescore(limit=100, now=at).differences == []


@pytest.mark.parametrize("reason", ["", " \n"])
def test_no_decision_without_a_reason(phone: Phone, reason: str):
    reported()
    dispute = opened(phone)
    with pytest.raises(ReasonMissing):
        decide_dispute(actor=moderator(), dispute=dispute, upheld=True, reason=reason, now=NOW)
    assert (kept()["status"], told()) == ("open", ("flag", "disputed"))


def test_only_open_disputes_are_decided(phone: Phone):
    reported()
    waiting = ask()
    with pytest.raises(NotOpen):
        decide(waiting, upheld=True)
    dispute = verify(public_id=waiting.public_id, code=phone.code, now=NOW)
    decide(dispute, upheld=False, name="one")
    with pytest.raises(NotOpen):
        decide(dispute, upheld=True, name="another")
    assert AuditEntry.objects.count() == 1


# --- Appeals ---


def test_an_appeal_goes_to_another_moderator_and_the_decision_stands_meanwhile(phone: Phone):
    blocked()
    dispute = decide(opened(phone), upheld=False)
    at = NOW + 2 * DAY
    second = appeal(public_id=dispute.public_id, statement="You heard another voice.", now=at)
    assert (second.status, second.appeal_of, second.held) == ("open", dispute, False)
    assert (second.deadline_at, second.barred) == (at + DECIDED_WITHIN, dispute.decided_by)
    assert told(at=at) == ("block", "listed")
    assert dispute.decided_by is not None
    with pytest.raises(DecidedBefore):
        decide_dispute(
            actor=dispute.decided_by, dispute=second, upheld=False, reason="As before.", now=at
        )
    # The contact is the first dispute's.
    assert histories.contact_of(second) == "plumber@example.org"
    decided = decide(second, upheld=True, at=at, name="another")
    assert decided.status == "upheld"
    assert told(at=at) == ("allow", "clear")
    assert find_dispute(public_id=dispute.public_id).appeals.get() == decided


def test_one_appeal(phone: Phone):
    reported()
    dispute = decide(opened(phone), upheld=False)
    second = appeal(public_id=dispute.public_id, statement="No.", now=NOW + DAY)
    assert appeal(public_id=dispute.public_id, statement="No. ", now=NOW + DAY) == second
    with pytest.raises(NotAppealable, match="appealed before"):
        appeal(public_id=dispute.public_id, statement="No, no.", now=NOW + DAY)
    decide(second, upheld=False, name="another")
    with pytest.raises(NotAppealable, match="final"):
        appeal(public_id=second.public_id, statement="No!", now=NOW + DAY)
    assert Dispute.objects.count() == 2


def test_what_cannot_be_appealed(phone: Phone):
    reported()
    dispute = ask()
    with pytest.raises(NotAppealable, match="Only a rejected dispute"):
        appeal(public_id=dispute.public_id, statement="No.", now=NOW)
    dispute = verify(public_id=dispute.public_id, code=phone.code, now=NOW)
    with pytest.raises(NotAppealable, match="Only a rejected dispute"):
        appeal(public_id=dispute.public_id, statement="No.", now=NOW)
    decide(dispute, upheld=True)
    with pytest.raises(NotAppealable, match="Only a rejected dispute"):
        appeal(public_id=dispute.public_id, statement="No.", now=NOW + DAY)


def test_an_appeal_is_due_in_time(phone: Phone):
    reported()
    dispute = decide(opened(phone), upheld=False)
    with pytest.raises(NotAppealable, match="within 30 days"):
        appeal(public_id=dispute.public_id, statement="No.", now=NOW + DAY + APPEAL_WITHIN + MINUTE)
    assert appeal(public_id=dispute.public_id, statement="No.", now=NOW + DAY + APPEAL_WITHIN).pk


def test_who_gave_the_number_away_appeals_no_more(phone: Phone):
    """Else their words would be shown to whoever has the number now, who could object to nothing
    meanwhile."""
    reported()
    dispute = decide(opened(phone), upheld=False)
    mark_reassigned(actor=moderator(), identity=SCAMMER, reason="carrier", now=NOW + 2 * DAY)
    lost = find_dispute(public_id=dispute.public_id)
    assert appealable_until(lost) is None
    with pytest.raises(NotAppealable, match="another holder"):
        appeal(public_id=dispute.public_id, statement="Hear my diary.", now=NOW + 3 * DAY)
    assert holders_dispute(key=SCAMMER.key, now=NOW + 3 * DAY) is None


def test_who_says_to_have_got_the_number_only_now_appeals(phone: Phone):
    reported()
    lost = decide(opened(phone, grounds="new_holder"), upheld=False)
    won = appeal(public_id=lost.public_id, statement="My contract.", now=NOW + 2 * DAY)
    assert holders_dispute(key=SCAMMER.key, now=NOW + 2 * DAY) == won
    decide(won, upheld=True, at=NOW + 3 * DAY, name="another")
    assert holders_dispute(key=SCAMMER.key, now=NOW + 4 * DAY) == won


def test_what_a_former_holder_left_open_gives_way_to_the_present_holders(phone: Phone):
    blocked()
    left = opened(phone, language="en")
    queue.refresh(now=NOW)
    mark_reassigned(actor=moderator(), identity=SCAMMER, reason="carrier", now=NOW + DAY)
    day = NOW + 2 * DAY
    for handle in ("c", "d"):
        say(newcomer(handle), at=day)
    assert refusal(identity=SCAMMER, by_text=False, now=day) is None
    mine = opened(phone, at=day, contact="school@example.org", network="n")
    assert (mine.status, mine.held, row().disputed) == ("open", True, True)
    left.refresh_from_db()
    assert (left.status, left.decided_at) == ("rejected", day)
    assert left.reason == "The number has another holder now, who alone may object."
    entry = AuditEntry.objects.get(verb="close_dispute")
    assert (entry.actor.username, entry.after["dispute"]) == ("new-holder", str(left.public_id))
    of_left = QueueItem.objects.get(kind="dispute", subject_id=left.pk)
    assert of_left.rests_until is not None, "nobody need look at it"
    # It is no loss of the present holder's, and no decision to be judged a second time.
    assert history(mine, now=day).lost_by_number == 0
    decide(mine, upheld=False, at=day)
    assert disputable_from(row(), "mistaken") == day + COOL_DOWN


def test_a_hold_for_a_former_holder_ends_with_what_they_left_open(phone: Phone):
    reported()
    left = opened(phone, contact="")
    mark_reassigned(actor=moderator(), identity=SCAMMER, reason="carrier", now=NOW + DAY)
    hold_dispute(actor=moderator("looks"), dispute=left, reason="Documents.", now=NOW + DAY)
    day = NOW + 2 * DAY
    for handle in ("c", "d"):
        say(newcomer(handle), at=day)
    mine = opened(phone, at=day, contact="", network="n")
    assert (mine.held, row().disputed) == (False, False)


def test_an_appeal_that_a_former_holder_left_open_gives_way_too(phone: Phone):
    reported()
    lost = decide(opened(phone), upheld=False)
    left = appeal(public_id=lost.public_id, statement="My diary.", now=NOW + 2 * DAY)
    mark_reassigned(actor=moderator(), identity=SCAMMER, reason="carrier", now=NOW + 3 * DAY)
    day = NOW + 4 * DAY
    for handle in ("c", "d"):
        say(newcomer(handle), at=day)
    assert opened(phone, at=day, network="n").held
    left.refresh_from_db()
    assert left.status == "rejected"


def test_a_former_holder_who_was_right_clears_nobody_else(phone: Phone):
    reported()
    left = opened(phone)
    mark_reassigned(actor=moderator(), identity=SCAMMER, reason="carrier", now=NOW + DAY)
    decide(left, upheld=True, at=NOW + 2 * DAY, name="another")
    number = row()
    assert (number.moderated, number.holder_verified, number.immune_until) == (0, False, None)
