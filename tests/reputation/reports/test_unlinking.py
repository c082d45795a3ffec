"""A link that is taken back leaves both voices as they were."""

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from reputation import counting
from reputation.counting import trust_pass
from reputation.counting.rescoring import REBUILT, rescore_one
from reputation.identity import identify
from reputation.models import (
    AuditEntry,
    IntakeMessage,
    IntakeSender,
    Number,
    Report,
    Reporter,
    ReportRevision,
    VoiceLink,
)
from reputation.moderation import (
    block_reporter,
    clear_number,
    confirm_number,
    reject_report,
    stop_vouching,
    vouch_for_reporter,
)
from reputation.moderation import undo as undo_decision
from reputation.reports import mark_stopped, unlinking, withdraw_report
from reputation.reports.link_codes import issue_code, redeem
from reputation.reports.linking import LinkRefused, merge_reporters
from reputation.scoring import trust
from tests.given.reporters import BAKERY, DAY, NOW, SCAMMER, moderator, say
from tests.given.voices import ACT, SERIAL, sender, voice

pytestmark = pytest.mark.django_db
OTHER = [SCAMMER, BAKERY]


def state(*voices: Reporter) -> dict[str, list]:
    """All that is on record of voices and their reports, and what it comes to."""
    ids = [each.pk for each in voices]
    said = Report.objects.filter(reporter__in=ids).order_by("pk")
    people = Reporter.objects.filter(pk__in=ids).order_by("pk")
    columns = [field.attname for field in Reporter._meta.concrete_fields]
    columns.remove("moved_seq")  # their numbers are weighed again
    return {
        "reporters": list(people.values(*columns)),
        "reports": list(said.values()),
        "senders": list(IntakeSender.objects.order_by("pk").values()),
        "numbers": list(
            Number.objects.filter(statements__in=said)
            .distinct()
            .order_by("pk")
            .values(*REBUILT, "action", "score", "settled_side", "settled_seq")
        ),
    }


def settled_now() -> None:
    """Settles all numbers at NOW, as undoing a link does, so that only the link can differ."""
    with transaction.atomic():
        numbers = list(Number.objects.select_for_update().order_by("key"))
        counting.settle(numbers, now=NOW)
        counting.publish_all(numbers, now=NOW)


def undo(link: VoiceLink | None = None, *, at=NOW) -> None:
    unlinking.unlink(link=link or VoiceLink.objects.get(undone_at=None), now=at)


class TestUndoing:
    def test_both_voices_are_as_they_were(self):
        person, phone = voice("person", tp=2.0), voice("sms", tp=3.0, fp=1.0, age=50, cluster=7)
        mail = voice("email")
        for each in (phone, mail):
            sender(each, each.kind)
        merge_reporters(into=phone, other=mail, now=NOW)
        say(person, "telemarketing", at=NOW - 9 * DAY, comment="sells")
        say(phone, "threat", at=NOW - DAY, comment="pay or else")
        say(phone, number=BAKERY)
        settled_now()
        before = state(person, phone, mail)

        merge_reporters(into=person, other=phone, now=NOW)
        assert state(person, phone, mail) != before
        undo(VoiceLink.objects.get(other=phone))

        assert state(person, phone, mail) == before
        for number in OTHER:
            assert rescore_one(key=number.key, now=NOW).differences == []
        undo(VoiceLink.objects.get(other=phone))  # again changes nothing
        assert state(person, phone, mail) == before

    def test_what_was_done_to_the_other_s_reports_is_undone(self):
        """Somebody who got another's voice into an account keeps nothing of it."""
        person, phone = voice("person"), voice("sms")
        mine = say(phone, "threat", comment="pay or else", at=NOW - DAY).report
        gone = say(phone, number=BAKERY, comment="burnt", at=NOW - DAY).report
        redeem(reporter=phone, code=issue_code(reporter=person, now=NOW), now=NOW)
        person.refresh_from_db()
        say(person, "legitimate", comment="a nice caller", at=NOW + DAY)
        withdraw_report(reporter=person, public_id=gone.public_id, now=NOW + DAY)
        undo(at=NOW + 2 * DAY)
        for report, words in ((mine, "pay or else"), (gone, "burnt")):
            report.refresh_from_db()
            assert (report.reporter, report.status, report.comment) == (phone, "live", words)
        assert "a nice caller" in str(ReportRevision.objects.values())  # on record all the same
        assert not Report.objects.filter(reporter=person).exists()

    def test_what_is_new_goes_to_whoever_sent_it(self):
        person, phone = voice("person"), voice("sms")
        by = sender(phone)
        redeem(reporter=phone, code=issue_code(reporter=person, now=NOW), now=NOW)
        sent, typed = say(person).report, say(person, number=BAKERY).report
        IntakeMessage.objects.create(
            channel="sms", digest="1", sender=by, received_at=NOW, report=sent, status="reported",
            sealed=b"",
        )  # fmt: skip
        undo()
        for report, whose in ((sent, phone), (typed, person)):
            report.refresh_from_db()
            assert report.reporter == whose
        by.refresh_from_db()
        assert by.reporter == phone

    def test_credits_go_with_the_reports_that_earned_them(self):
        person, phone = voice("person"), voice("sms")
        said = say(phone, at=NOW - DAY).report
        merge_reporters(into=person, other=phone, now=NOW)
        confirm_number(actor=moderator(), identity=SCAMMER, reason="heard it", now=NOW)
        person.refresh_from_db()
        assert person.tp == 3.0
        undo()
        records = dict(Reporter.objects.values_list("kind", "tp"))
        assert records == {"person": 0.0, "sms": 3.0}
        assert Report.objects.get(pk=said.pk).credit == 3.0

    @pytest.mark.parametrize(("by_text", "by_a_moderator"), [(0, 0), (1, 0), (0, 1), (1, 1)])
    def test_a_record_is_not_lent_and_taken_back_clean(self, by_text, by_a_moderator):
        """What the joint voice said wrongly costs both, unless a moderator found the link wrong."""
        person, phone = voice("person", age=50), voice("sms", age=50)
        by = sender(phone)
        merge_reporters(into=person, other=phone, now=NOW - 9 * DAY)
        lie = say(person, at=NOW - 8 * DAY).report
        if by_text:
            IntakeMessage.objects.create(
                channel="sms", digest="1", sender=by, received_at=NOW, report=lie,
                status="reported", sealed=b"",
            )  # fmt: skip
        clear_number(actor=moderator(), identity=SCAMMER, reason="a clinic", now=NOW - 7 * DAY)
        link = VoiceLink.objects.get()
        if by_a_moderator:
            undo(link)
        else:
            unlinking.undo_link(reporter=person, link=link.pk, now=NOW)
        records = {"person": 3.0, "sms": 3.0}
        if by_a_moderator:
            records["person" if by_text else "sms"] = 0.0
        assert dict(Reporter.objects.values_list("kind", "fp")) == records
        for each in (person, phone):  # so that the pass hears both
            say(each, number=BAKERY)
        trust_pass.learn_trust()
        assert dict(Reporter.objects.values_list("kind", "fp")) == records

    @pytest.mark.parametrize("of", ["sms", "person sms"])
    @pytest.mark.parametrize("ended", ["person", "sms", ""])
    def test_a_vouching_that_a_moderator_ended_does_not_come_back(self, of, ended):
        voices = {kind: voice(kind, age=50) for kind in ("person", "sms")}
        for kind in of.split():
            vouch_for_reporter(actor=moderator(kind), reporter=voices[kind], reason="r", now=NOW)
        merge_reporters(into=voices["person"], other=voices["sms"], now=NOW)
        voices["person"].refresh_from_db()
        assert voices["person"].record == trust.VOUCHED
        if ended:
            stop_vouching(actor=moderator("b"), reporter=voices[ended], reason="r", now=NOW)
        undo()
        for kind, each in voices.items():
            each.refresh_from_db()
            stands = kind in of and not (ended and kind in (ended, "sms"))
            assert (kind, each.vouched_at is not None) == (kind, stands)
            assert (kind, each.record) == (kind, trust.VOUCHED if stands else trust.Record())

    @pytest.mark.parametrize("by_a_moderator", [False, True])
    def test_what_the_account_made_of_a_report_costs_it_also_when_that_is_undone(
        self, by_a_moderator
    ):
        person, phone = voice("person", age=50), voice("sms", age=50)
        say(phone, "legitimate", at=NOW - 10 * DAY)
        merge_reporters(into=person, other=phone, now=NOW - 9 * DAY)
        say(person, at=NOW - 8 * DAY)
        clear_number(actor=moderator(), identity=SCAMMER, reason="a clinic", now=NOW - 7 * DAY)
        link = VoiceLink.objects.get()
        if by_a_moderator:
            undo(link)
        else:
            unlinking.undo_link(reporter=person, link=link.pk, now=NOW)
        say(person, number=BAKERY)
        trust_pass.learn_trust()
        records = {"person": 3.0, "sms": 0.0 if by_a_moderator else 3.0}
        assert dict(Reporter.objects.values_list("kind", "fp")) == records

    def test_what_lasts_of_an_erased_voice_comes_along_and_goes_back(self):
        person, phone = voice("person"), voice("sms", fp=3.0, kept_fp=3.0)
        merge_reporters(into=person, other=phone, now=NOW)
        person.refresh_from_db()
        assert (person.fp, person.kept_fp) == (3.0, 3.0)
        undo()
        assert dict(Reporter.objects.values_list("kind", "kept_fp")) == {"person": 0.0, "sms": 3.0}

    @pytest.mark.parametrize("of_both", [False, True])
    def test_decisions_stand(self, of_both):
        person, phone = voice("person"), voice("sms")
        said = say(phone, at=NOW - DAY).report
        if of_both:
            said = say(person, at=NOW - 2 * DAY).report
        merge_reporters(into=person, other=phone, now=NOW)
        judged = Report.objects.get(pk=said.pk)
        reject_report(actor=moderator(), report=judged, reason="a joke", now=NOW)
        block_reporter(
            actor=moderator("b"), reporter=Reporter.objects.get(pk=person.pk), reason="x", now=NOW
        )
        undo()
        assert {*Report.objects.values_list("status", flat=True)} == {"rejected"}
        assert not Reporter.objects.filter(blocked_at=None).exists()
        debits = sum(Reporter.objects.values_list("fp", flat=True))
        assert debits == 3.0
        assert rescore_one(key=SCAMMER.key, now=NOW).differences == []

    def test_what_the_account_withdrew_of_its_own_stays_withdrawn(self):
        person, phone, judge = voice("person"), voice("sms"), moderator()
        mine = say(person, at=NOW - 2 * DAY).report
        theirs = say(phone, at=NOW - DAY).report
        merge_reporters(into=person, other=phone, now=NOW)
        judged = Report.objects.get(pk=mine.pk)
        reject_report(actor=judge, report=judged, reason="a joke", now=NOW)
        entry = AuditEntry.objects.latest("id")
        withdraw_report(reporter=person, public_id=mine.public_id, now=NOW)
        undo()
        undo_decision(actor=judge, entry=entry, reason="no joke", now=NOW)
        for report, status in ((mine, "withdrawn"), (theirs, "rejected")):
            report.refresh_from_db()
            assert (report.status, report.returns_as) == (status, "")
        assert rescore_one(key=SCAMMER.key, now=NOW).differences == []

    def test_what_had_stopped_before_the_link_and_was_withdrawn_since_stays_withdrawn(self):
        person, phone = voice("person"), voice("sms")
        mine = say(person, at=NOW - 2 * DAY).report
        mark_stopped(reporter=person, public_id=mine.public_id, now=NOW - 2 * DAY)
        say(phone, at=NOW - DAY)
        merge_reporters(into=person, other=phone, now=NOW)
        withdraw_report(reporter=person, public_id=mine.public_id, now=NOW)
        undo()
        assert dict(Report.objects.values_list("reporter__kind", "status")) == {
            "person": "withdrawn", "sms": "live",
        }  # fmt: skip
        assert rescore_one(key=SCAMMER.key, now=NOW).differences == []

    def test_a_debit_from_before_goes_back_to_who_had_it(self):
        person, phone = voice("person"), voice("sms")
        mine, theirs = say(person).report, say(phone).report
        reject_report(actor=moderator(), report=theirs, reason="a joke", now=NOW)
        merge_reporters(into=person, other=phone, now=NOW)
        undo()
        for report, status, credit in ((mine, "live", 0.0), (theirs, "rejected", -3.0)):
            report.refresh_from_db()
            assert (report.status, report.credit) == (status, credit)
        assert dict(Reporter.objects.values_list("kind", "fp")) == {"person": 0.0, "sms": 3.0}

    @pytest.mark.parametrize("whose", [0, 1, 2])
    def test_what_was_withdrawn_while_it_stood_rejected_goes_back_to_who_withdrew_it(self, whose):
        person, phone = voice("person"), voice("sms")
        judge = moderator()
        mine, theirs = say(person, at=NOW - DAY).report, say(phone).report
        reject_report(actor=judge, report=theirs, reason="a joke", now=NOW)
        if whose == 0:
            reject_report(actor=judge, report=mine, reason="a joke", now=NOW)
            withdraw_report(reporter=person, public_id=mine.public_id, now=NOW)
        elif whose == 1:
            withdraw_report(reporter=phone, public_id=theirs.public_id, now=NOW)
        settled_now()
        before = state(person, phone)
        merge_reporters(into=person, other=phone, now=NOW)
        if whose == 2:
            person.refresh_from_db()
            withdraw_report(reporter=person, public_id=mine.public_id, now=NOW)
        undo()
        if whose < 2:
            assert state(person, phone) == before
        else:
            assert set(Report.objects.values_list("reporter__kind", "status", "returns_as")) == {
                ("person", "withdrawn", ""), ("sms", "rejected", ""),
            }  # fmt: skip
        assert rescore_one(key=SCAMMER.key, now=NOW).differences == []

    def test_the_later_link_first(self):
        person, phone, mail = voice("person"), voice("sms", age=9), voice("email")
        merge_reporters(into=phone, other=mail, now=NOW)
        merge_reporters(into=person, other=phone, now=NOW)
        first, second = VoiceLink.objects.order_by("pk")
        with pytest.raises(LinkRefused):
            undo(first)
        undo(second)
        undo(first)
        assert not Reporter.objects.exclude(merged_into=None).exists()

    def test_a_link_can_be_made_again(self):
        person, phone = voice("person"), voice("sms")
        say(phone)
        for _ in range(2):
            code = issue_code(reporter=person, now=NOW)
            phone.refresh_from_db()
            assert redeem(reporter=phone, code=code, now=NOW).moved == 1
            undo()

    def test_the_account_s_own_for_a_while_and_not_out_of_a_block(self):
        person, phone = voice("person"), voice("sms")
        merge_reporters(into=person, other=phone, now=NOW)
        link = VoiceLink.objects.get()
        late = NOW + unlinking.UNDO_WITHIN
        for whose, at in ((phone, NOW), (person, late)):
            with pytest.raises(LinkRefused):
                unlinking.undo_link(reporter=whose, link=link.pk, now=at)
        Reporter.objects.filter(pk=person.pk).update(blocked_at=NOW)
        with pytest.raises(LinkRefused):
            unlinking.undo_link(reporter=person, link=link.pk, now=NOW)
        Reporter.objects.filter(pk=person.pk).update(blocked_at=None)
        unlinking.undo_link(reporter=person, link=link.pk, now=late - timedelta(seconds=1))
        assert Reporter.objects.get(pk=phone.pk).merged_into is None


@pytest.mark.slow
@settings(settings.get_profile("database"), max_examples=12)
@given(
    acts=st.lists(ACT, min_size=1, max_size=10),
    cluster=st.sampled_from([None, 3]),
    confirmed=st.booleans(),
    since=st.lists(ACT, max_size=3),
)
def test_any_history_is_restored(acts, cluster, confirmed, since):
    """Linking and undoing it leaves every column as it was; what is said in between changes only
    what it may, and a rebuild agrees with all of it."""
    serial = next(SERIAL)
    numbers = [identify(f"+86138{serial:07d}{end}") for end in "12"]
    actor = moderator(f"moderator{serial}")
    voices = {
        kind: voice(
            kind.replace("stranger", "key"), f"{kind}{serial}", age=100, tp=5.0, tn=5.0, firsts=2.0
        )
        for kind in ("person", "sms", "stranger")
    }
    Reporter.objects.filter(pk=voices["sms"].pk).update(cluster=cluster)
    own = Report.objects.filter(reporter__in=voices.values())

    def act(acts, start):
        for step, (kind, which, category, what) in enumerate(acts):
            at = start + step * timedelta(hours=5)
            each = Reporter.objects.get(pk=voices[kind].pk)
            report = own.filter(reporter=each, number__key=numbers[which].key).first()
            if what == "say" or report is None:
                say(each, category, numbers[which], at=at, comment=f"{kind} {at}")
            elif what == "withdraw":
                withdraw_report(reporter=each, public_id=report.public_id, now=at)
            elif report.status != "rejected":
                reject_report(actor=actor, report=report, reason="no", now=at)

    act(acts, NOW - 3 * DAY)
    if confirmed:
        confirm_number(actor=actor, identity=numbers[0], reason="yes", now=NOW)
    settled_now()
    before = state(*voices.values())
    merge_reporters(into=voices["person"], other=voices["sms"], now=NOW)
    for number in numbers:
        assert rescore_one(key=number.key, now=NOW).differences == []
    since = [each for each in since if each[0] != "sms"]  # that voice is silent now
    act(since, NOW)
    undo(VoiceLink.objects.get(other=voices["sms"]))
    for number in numbers:
        assert rescore_one(key=number.key, now=NOW).differences == []
    after = state(*voices.values())
    if not since:
        for name, rows in before.items():
            assert unlike(rows, after[name]) == []
    theirs = [each for each in before["reports"] if each["reporter_id"] == voices["sms"].pk]
    for was in theirs:
        now = next(each for each in after["reports"] if each["id"] == was["id"])
        assert now["reporter_id"] == was["reporter_id"]
        assert now["comment"] == was["comment"]
        assert now["status"] in (was["status"], "rejected")


def unlike(before: list[dict], after: list[dict]) -> list[tuple]:
    """What differs, by more than sums do in the last bit when they are added in another order."""
    return [
        (name, value, now[name])
        for was, now in zip(before, after, strict=True)
        for name, value in was.items()
        if now[name] != (pytest.approx(value, 1e-9, 1e-9) if isinstance(value, float) else value)
    ]
