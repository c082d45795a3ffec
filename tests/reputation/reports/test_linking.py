"""One person by SMS, e-mail and on the pages is one voice, once a code has shown it."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reputation.counting import trust_pass
from reputation.counting.rescoring import rescore_one
from reputation.identity import identify
from reputation.models import (
    IntakeSender,
    LinkCode,
    Number,
    Report,
    Reporter,
    ReportRevision,
)
from reputation.moderation import clear_number, confirm_number, reject_report
from reputation.reports import find_report, link_codes, withdraw_report
from reputation.reports.link_codes import CodeUnknown, issue_code, redeem
from reputation.reports.linking import LinkRefused, merge_reporters
from reputation.scoring import trust
from tests.given.reporters import BAKERY, DAY, NOW, SCAMMER, crowd, moderator, row, say
from tests.given.voices import ACT, SERIAL, live, sender, voice

pytestmark = pytest.mark.django_db

OTHER = [SCAMMER, BAKERY]


def test_the_same_person_by_three_channels_counts_once():
    person, phone, mail = voice("person"), voice("sms"), voice("email")
    for each, channel in ((phone, "sms"), (mail, "email")):
        sender(each, channel)
    for each in (person, phone, mail):
        say(each, network="home")
    assert row().reports == 3

    redeem(reporter=phone, code=issue_code(reporter=person, now=NOW), now=NOW)
    redeem(reporter=mail, code=issue_code(reporter=person, now=NOW), now=NOW)

    assert live() == [("person", "loan_scam")]
    assert (row().reports, row().newcomers) == (1, 1)
    assert set(IntakeSender.objects.values_list("reporter", flat=True)) == {person.pk}
    assert rescore_one(key=SCAMMER.key, now=NOW).differences == []


def test_what_was_said_last_stands_as_it_was_counted():
    person, phone = voice("person"), voice("sms")
    first = say(person, "telemarketing", at=NOW - 9 * DAY, network="a").report
    last = say(phone, "threat", at=NOW - DAY, network="b", comment="pay or else").report

    merged = merge_reporters(into=person, other=phone, now=NOW)

    assert (merged.reporter, merged.moved, merged.doubled) == (person, 0, 1)
    stands, doubled = (Report.objects.get(pk=each.pk) for each in (first, last))
    assert (stands.status, stands.category, stands.comment) == ("live", "threat", "pay or else")
    assert (stands.counted_at, stands.filed_at) == (NOW - DAY, NOW - 9 * DAY)
    assert stands.network == "b"
    assert (doubled.status, doubled.merged_into, doubled.category) == (
        "merged",
        stands,
        "telemarketing",
    )
    assert [*ReportRevision.objects.order_by("id").values_list("report", "change")] == [
        (first.pk, "updated"),
        (last.pk, "merged"),
    ]


def test_an_older_word_of_the_other_voice_only_merges():
    person, phone = voice("person"), voice("sms")
    old = say(phone, "telemarketing", at=NOW - 9 * DAY).report
    new = say(person, "threat", at=NOW - DAY).report
    merge_reporters(into=person, other=phone, now=NOW)
    assert live() == [("person", "threat")]
    assert Report.objects.get(pk=old.pk).merged_into == new


def test_other_numbers_come_along_and_stay_findable():
    person, phone = voice("person"), voice("sms")
    elsewhere = say(phone, number=BAKERY).report
    say(person)
    doubled = say(phone).report
    merged = merge_reporters(into=person, other=phone, now=NOW)
    assert (merged.moved, merged.doubled) == (1, 1)
    assert find_report(reporter=person, public_id=elsewhere.public_id).reporter == person
    assert find_report(reporter=person, public_id=doubled.public_id).reporter == phone


def test_records_add_up_without_what_was_doubled():
    person = voice("person", tp=2.0, firsts=1.0)
    phone = voice("sms", tp=3.0, fp=1.0, age=50)
    for each in (person, phone):
        say(each, at=NOW - DAY)
    confirm_number(actor=moderator(), identity=SCAMMER, reason="heard it", now=NOW)
    before = [Reporter.objects.get(pk=each.pk).tp for each in (person, phone)]
    credit = Report.objects.get(reporter=phone).credit
    assert credit > 0

    merged = merge_reporters(into=person, other=phone, now=NOW).reporter

    assert merged.tp == pytest.approx(sum(before) - credit)
    assert merged.fp == 1.0
    assert merged.created_at == NOW - 50 * DAY
    gone = Reporter.objects.get(pk=phone.pk)
    assert (gone.tp, gone.fp, gone.merged_into) == (0.0, 0.0, person)
    assert Report.objects.get(merged_into__isnull=False).credit == 0.0


@pytest.mark.parametrize("wrong", ["person", "sms"])
def test_a_mistake_lasts_whatever_the_other_voice_says_later(wrong):
    voices = {"person": voice("person", age=50), "sms": voice("sms", age=50)}
    right = voices["sms" if wrong == "person" else "person"]
    say(voices[wrong], at=NOW - 9 * DAY)
    clear_number(actor=moderator(), identity=SCAMMER, reason="a clinic", now=NOW - 8 * DAY)
    say(right, "legitimate", at=NOW - 7 * DAY)
    merged = merge_reporters(into=voices["person"], other=voices["sms"], now=NOW).reporter
    trust_pass.learn_trust()
    merged.refresh_from_db()
    assert merged.record == trust.Record(fp=3.0)


@pytest.mark.parametrize("rejected", ["person", "sms"])
def test_what_a_moderator_rejected_is_not_washed_clean(rejected):
    voices = {"person": voice("person"), "sms": voice("sms")}
    said = {kind: say(each).report for kind, each in voices.items()}
    reject_report(actor=moderator(), report=said[rejected], reason="a joke", now=NOW)

    merge_reporters(into=voices["person"], other=voices["sms"], now=NOW)

    assert live() == []
    assert Report.objects.get(pk=said["person"].pk).status == "rejected"
    say(Reporter.objects.get(pk=voices["person"].pk))
    assert live() == []
    assert rescore_one(key=SCAMMER.key, now=NOW).differences == []


def test_suspicion_is_inherited_and_counted():
    person, phone = voice("person"), voice("sms", cluster=7)
    say(person, number=BAKERY)
    say(phone)
    merge_reporters(into=person, other=phone, now=NOW)
    assert Reporter.objects.get(pk=person.pk).cluster == 7
    for number in OTHER:
        assert rescore_one(key=number.key, now=NOW).differences == []


def test_a_chain_of_links_leads_to_the_account():
    phone, mail, person = voice("sms", age=9), voice("email", age=5), voice("person")
    sender(phone)
    sender(mail, "email")
    redeem(reporter=mail, code=issue_code(reporter=phone, now=NOW), now=NOW)
    assert set(IntakeSender.objects.values_list("reporter", flat=True)) == {phone.pk}
    phone.refresh_from_db()
    redeem(reporter=phone, code=issue_code(reporter=person, now=NOW), now=NOW)
    assert set(IntakeSender.objects.values_list("reporter", flat=True)) == {person.pk}
    assert set(Reporter.objects.values_list("merged_into", flat=True)) == {None, person.pk}


def test_twice_is_no_error_and_changes_nothing():
    person, phone = voice("person"), voice("sms")
    crowd(3)
    say(person)
    say(phone)
    merge_reporters(into=person, other=phone, now=NOW)
    before = [list(model.objects.order_by("pk").values()) for model in (Report, Number, Reporter)]
    merged = merge_reporters(into=person, other=phone, now=NOW)
    assert (merged.moved, merged.doubled) == (0, 0)
    assert before == [
        list(model.objects.order_by("pk").values()) for model in (Report, Number, Reporter)
    ]


def test_what_a_moderator_had_merged_stays_one():
    person, phone = voice("person"), voice("sms")
    mine, theirs = say(person, at=NOW - DAY).report, say(phone).report
    Report.objects.filter(pk=mine.pk).update(status="merged", merged_into=theirs)
    merge_reporters(into=person, other=phone, now=NOW)
    assert live() == [("person", "loan_scam")]
    assert Report.objects.get(pk=theirs.pk).merged_into == mine
    assert rescore_one(key=SCAMMER.key, now=NOW).differences == []


def test_whoever_is_linked_already_is_not_linked_elsewhere():
    phone, one, two = voice("sms"), voice("person", "1"), voice("person", "2")
    merge_reporters(into=one, other=phone, now=NOW)
    with pytest.raises(LinkRefused):
        merge_reporters(into=two, other=phone, now=NOW)


class TestCodes:
    def test_a_code_is_typed_as_people_type(self):
        person, phone = voice("person"), voice("sms")
        code = issue_code(reporter=person, now=NOW)
        assert len(code) == 11
        assert code[5] == "-"
        redeem(reporter=phone, code=f" {code.lower().replace('-', ' ')} ", now=NOW)
        assert Reporter.objects.get(pk=phone.pk).merged_into == person

    def test_it_is_good_once_and_not_for_long(self):
        person, phone, mail = voice("person"), voice("sms"), voice("email")
        code = issue_code(reporter=person, now=NOW)
        with pytest.raises(CodeUnknown):
            redeem(reporter=phone, code=code, now=NOW + link_codes.LIFE)
        redeem(reporter=phone, code=code, now=NOW + link_codes.LIFE - timedelta(seconds=1))
        with pytest.raises(CodeUnknown):
            redeem(reporter=mail, code=code, now=NOW)

    def test_a_new_code_ends_the_one_before(self):
        person, phone = voice("person"), voice("sms")
        code = issue_code(reporter=person, now=NOW)
        issue_code(reporter=person, now=NOW)
        with pytest.raises(CodeUnknown):
            redeem(reporter=phone, code=code, now=NOW)

    def test_the_database_does_not_know_it(self):
        code = issue_code(reporter=voice("person"), now=NOW)
        assert code.replace("-", "") not in str(LinkCode.objects.values())

    def test_whose_code_it_is_does_not_matter(self):
        person, phone = voice("person"), voice("sms", age=99)
        redeem(reporter=person, code=issue_code(reporter=phone, now=NOW), now=NOW)
        assert Reporter.objects.get(pk=phone.pk).merged_into == person

    def test_not_with_itself(self):
        person = voice("person")
        with pytest.raises(LinkRefused):
            redeem(reporter=person, code=issue_code(reporter=person, now=NOW), now=NOW)

    @pytest.mark.parametrize("kinds", [("key", "sms"), ("person", "key")])
    def test_not_a_program(self, kinds):
        one, two = voice(kinds[0], "1"), voice(kinds[1], "2")
        with pytest.raises(LinkRefused):
            redeem(reporter=two, code=issue_code(reporter=one, now=NOW), now=NOW)

    def test_not_two_accounts(self):
        with pytest.raises(LinkRefused):
            redeem(
                reporter=voice("person", "1"),
                code=issue_code(reporter=voice("person", "2"), now=NOW),
                now=NOW,
            )

    @pytest.mark.parametrize("blocked", [0, 1])
    def test_not_out_of_a_block(self, blocked):
        voices = [voice("person"), voice("sms")]
        code = issue_code(reporter=voices[0], now=NOW)
        Reporter.objects.filter(pk=voices[blocked].pk).update(blocked_at=NOW)
        with pytest.raises(LinkRefused):
            redeem(reporter=voices[1], code=code, now=NOW)
        assert LinkCode.objects.get().redeemed_at is None
        voices[blocked].refresh_from_db()
        with pytest.raises(LinkRefused):
            issue_code(reporter=voices[blocked], now=NOW)


def test_all_that_hangs_on_a_voice_is_thought_of():
    """Whoever ties something else to reporters decides what merging does with it."""
    assert {
        (relation.related_model._meta.label, relation.field.name)
        for relation in Reporter._meta.related_objects
    } == {
        ("api.ApiKey", "reporter"),  # keys are never merged
        ("reputation.AuditEntry", "reporter"),  # what was decided of a voice stays so
        ("reputation.Complaint", "reporter"),
        ("reputation.IntakeSender", "reporter"),
        ("reputation.LinkCode", "reporter"),
        ("reputation.OwnRule", "reporter"),  # a list is the account's, as its keys are
        ("reputation.Report", "reporter"),
        ("reputation.Reporter", "merged_into"),
        ("reputation.VoiceLink", "into"),
        ("reputation.VoiceLink", "other"),
    }


@pytest.mark.slow
@settings(settings.get_profile("database"), max_examples=15)
@given(acts=st.lists(ACT, min_size=1, max_size=8), cluster=st.sampled_from([None, 3]))
def test_any_history_merges_into_what_a_rebuild_gives(acts, cluster):
    serial = next(SERIAL)
    numbers = [identify(f"+86138{serial:07d}{end}") for end in "12"]
    actor = moderator(f"moderator{serial}")
    voices = {kind: voice(kind.replace("stranger", "key"), f"{kind}{serial}") for kind in (
        "person", "sms", "stranger")}  # fmt: skip
    Reporter.objects.filter(pk=voices["sms"].pk).update(cluster=cluster)
    own = Report.objects.filter(reporter__in=voices.values())
    for step, (kind, which, category, act) in enumerate(acts):
        number = numbers[which]
        at = NOW - (len(acts) - step) * DAY
        each = Reporter.objects.get(pk=voices[kind].pk)
        report = own.filter(reporter=each, number__key=number.key).first()
        if act == "say" or report is None:
            say(each, category, number, at=at, network="shared", comment=f"said in step {step}")
        elif act == "withdraw":
            withdraw_report(reporter=each, public_id=report.public_id, now=at)
        else:
            reject_report(actor=actor, report=report, reason="no", now=at)
    said = sorted(own.values_list("comment", flat=True))
    person = own.filter(reporter__kind__in=["person", "sms"])
    counted = set(person.live().values_list("number__key", flat=True))
    rejected = set(person.filter(status="rejected").values_list("number__key", flat=True))

    merge_reporters(into=voices["person"], other=voices["sms"], now=NOW)

    assert sorted(own.values_list("comment", flat=True)) == said  # nothing is lost
    standing = person.live().values_list("number__key", flat=True)
    assert sorted(standing) == sorted(counted - rejected)
    assert not own.live().filter(reporter=voices["sms"]).exists()
    for number in numbers:
        assert rescore_one(key=number.key, now=NOW).differences == []
