"""Truth is the reports: whatever happens, the folded evidence is theirs, to the last bit."""

import random
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from reputation import counting
from reputation.counting import bucket_rows, folding, refolding
from reputation.models import (
    RECORD,
    AuditEntry,
    EvidenceBucket,
    FeedChange,
    ImportedComplaint,
    Number,
    Report,
    Reporter,
    table,
)
from reputation.moderation import mark_reassigned, reject_report, undo
from reputation.reports import withdraw_report
from reputation.scoring import trust
from reputation.scoring.categories import CATEGORIES, Side
from reputation.scoring.days import from_days, to_days
from reputation.scoring.evidence import EMPTY, PRIOR, Bucket, BucketKind, Evidence, Voice
from reputation.scoring.mix import fold_mix, leading
from reputation.scoring.policy import NOBODY
from tests.given.folded import rebuild
from tests.given.reporters import DAY, NOW, SCAMMER, moderator, newcomer, row, say, veteran

pytestmark = pytest.mark.django_db


def voices(number: Number):
    reports = Report.objects.live().filter(number=number).select_related("reporter").order_by("seq")
    return [
        report.voice for report in reports if report.counted_at >= (number.epoch_at or from_days(0))
    ]


def buckets(number: Number):
    return {
        (Side(bucket.side), BucketKind(bucket.kind), bucket.bucket): Bucket(
            bucket.short, bucket.long, to_days(bucket.at)
        )
        for bucket in EvidenceBucket.objects.filter(number=number)
    }


def columns(number: Number):
    return Number.objects.filter(pk=number.pk).values().get()


def assert_it_is_what_its_reports_say(number: Number):
    said = voices(number)
    evidence, expected_buckets = rebuild(said)
    assert number.evidence == evidence
    assert buckets(number) == expected_buckets
    live = Report.objects.live().filter(
        number=number, counted_at__gte=number.epoch_at or from_days(0)
    )
    assert number.reports == len(live)
    assert number.first_reported_at == min((r.filed_at for r in live), default=None)
    assert number.last_reported_at == max((r.counted_at for r in live), default=None)
    assert number.category == leading(number.category_mix, warns=number.action != "allow")
    before = columns(number)
    refolding.refold_all([number])
    number.save()
    assert columns(number) == before


def many_numbers(seed: int) -> None:
    """Twenty numbers with reports of all kinds, some of past holders, one with a complaint."""
    chance = random.Random(seed)

    def ago(days: float) -> datetime:
        return NOW - chance.uniform(0, days) * DAY

    reporters = Reporter.objects.bulk_create(
        Reporter(
            kind="person",
            handle=f"r{place}",
            created_at=ago(200),
            vouched_at=chance.choice([None, None, None, NOW]),
            cluster=chance.choice([None, None, 7]),
            backers=chance.choice([[], [1], [1, 2]]),
            **{
                name: chance.choice([0.0, chance.uniform(0, most)])
                for name, most in zip(RECORD, (9, 2, 9, 2, 9), strict=True)
            },
        )
        for place in range(40)
    )
    numbers = Number.objects.bulk_create(
        Number(
            key=f"+86139{place:08}",
            country="CN",
            line_type=chance.choice(["mobile", "fixed"]),
            created_at=NOW,
            evidence_at=NOW,
            prior=PRIOR,
            epoch_at=chance.choice([None, None, ago(60)]),
        )
        for place in range(20)
    )
    for number in numbers:
        said = sorted(ago(150) for _ in range(chance.randrange(30)))
        if chance.random() < 0.5:
            chance.shuffle(said)
        Report.objects.bulk_create(
            Report(
                number=number,
                reporter=reporter,
                category=(
                    chance.choice(["legitimate", chance.choice([*CATEGORIES])])
                    if int(number.key) % 2
                    else "loan_scam"
                ),
                channel="call",
                filed_at=at,
                counted_at=at,
                seq=seq,
                network=f"net{chance.randrange(12)}",
                weight=chance.choice([0.0, chance.uniform(0, 1.8)]),
                established=chance.random() < 0.4,
                attestation=chance.choice([*trust.ATTESTATION_FACTORS]),
                was_warned=chance.random() < 0.1,
            )
            for seq, (reporter, at) in enumerate(
                zip(chance.sample(reporters, len(said)), said, strict=True), 1
            )
        )
    ImportedComplaint.objects.create(
        number=numbers[0],
        source="ftc",
        digest=b"1" * 32,
        category="robocall",
        filed_at=NOW - 3 * DAY,
        seq=9,
        weight=0.9,
    )


@pytest.mark.parametrize("reweigh", [False, True])
def test_many_numbers_are_folded_together_as_each_alone(reweigh, monkeypatch):
    many_numbers(4)

    def folded(several: int):
        monkeypatch.setattr(refolding, "SEVERAL", several)
        numbers = list(Number.objects.order_by("pk"))
        afresh = refolding.fold_afresh(numbers, reweigh=reweigh)
        names = [field.attname for field in Number._meta.fields]
        rows = [{name: getattr(number, name) for name in names} for number in numbers]
        return rows, sorted(afresh.buckets), sorted(afresh.reports)

    alone, together = folded(10**9), folded(1)
    assert together == alone
    assert {number["promoted"] for number in together[0]} == ({False, True} if reweigh else {False})


def test_all_that_reweighing_changes_is_written_and_told(monkeypatch):
    """Weights, buckets, numbers and the change log, by one row or by thousands."""
    many_numbers(5)

    def written(several: int):
        monkeypatch.setattr(refolding, "SEVERAL", several)
        monkeypatch.setattr(bucket_rows, "COPIED", several)
        monkeypatch.setattr(table, "MANY", several)
        with transaction.atomic():
            numbers = list(Number.objects.order_by("pk").select_for_update())
            afresh = refolding.fold_afresh(numbers, reweigh=True)
            refolding.write(numbers, afresh)
            counting.publish_all(numbers, now=NOW, changed=refolding.REWEIGHED)
            kept = list(Number.objects.order_by("pk").values())
            assert kept == [{name: getattr(each, name) for name in kept[0]} for each in numbers]
            names = [field.attname for field in EvidenceBucket._meta.concrete_fields]
            assert sorted(EvidenceBucket.objects.values_list(*names)) == sorted(afresh.buckets)
            reports = Report.objects.order_by("pk").values_list("weight", "contribution")
            told = FeedChange.objects.order_by("key").values()
            found = kept, list(reports), [each | {"id": 0} for each in told]
            transaction.set_rollback(True)
        return found

    by_rows, by_columns = written(10**9), written(1)
    assert by_columns == by_rows
    assert len(by_rows[2]) > 10


def test_an_empty_number_holds_no_evidence():
    with transaction.atomic():
        number = counting.lock_number(SCAMMER, now=NOW)
    assert number.evidence == EMPTY
    assert (number.key, number.country, number.line_type) == ("+8613812345678", "CN", "mobile")
    assert (number.created_at, number.prior, number.seq) == (NOW, PRIOR, 0)
    assert (number.action, number.score, number.status) == ("allow", 0, "unknown")
    assert (number.reports, number.first_reported_at) == (0, None)
    assert number.standing == NOBODY


def test_a_second_lock_finds_the_first_ones_number():
    with transaction.atomic():
        assert counting.lock_number(SCAMMER, now=NOW) == counting.lock_number(
            SCAMMER, now=NOW + DAY
        )


def test_one_report_is_one_voice():
    report = say(newcomer("a"), network="n1").report
    number = row()
    [voice] = voices(number)
    contribution = rebuild([voice])[0].unwanted_short
    assert report.contribution == contribution > 0.0
    assert number.evidence == Evidence(
        at=to_days(NOW),
        unwanted_short=contribution,
        networks=1,
        newcomers=1,
        first_unwanted=to_days(NOW),
        last_unwanted=to_days(NOW),
        gathered=contribution,
        saturated=voice.weight - contribution,
    )
    assert number.category_mix == {"loan_scam": contribution}
    assert_it_is_what_its_reports_say(number)


def test_many_kinds_of_voices_add_up_exactly():
    say(newcomer("a"), at=NOW - 9 * DAY, network="n1")
    say(newcomer("b"), "telemarketing", at=NOW - 9 * DAY, network="n1")
    say(veteran("c"), "threat", at=NOW - 7 * DAY, network="n1", attestation="C")
    say(veteran("d"), "legitimate", at=NOW - 3 * DAY)
    say(veteran("e"), at=NOW - 2 * DAY, was_warned=True)
    clustered = veteran("f")
    clustered.cluster = 7
    clustered.save()
    say(clustered, "robocall", at=NOW - DAY)
    say(veteran("g"), "survey", at=NOW - 8 * DAY)  # a clock behind the others
    number = row()
    assert number.seq == number.reports == 7
    assert (number.networks, number.established, number.newcomers) == (3, 3, 2)
    assert number.supporters == 1
    assert "cluster:7" in {name for _, _, name in buckets(number)}
    assert_it_is_what_its_reports_say(number)


def test_complaints_and_reports_are_rebuilt_in_one_order():
    say(veteran("a"), at=NOW - 2 * DAY)
    number = row()
    complaint = ImportedComplaint(
        source="ftc",
        digest=b"1" * 32,
        number=number,
        category="robocall",
        filed_at=NOW - 3 * DAY,
        seq=number.seq + 1,
        weight=0.9,
    )
    complaint.save()
    number.seq = complaint.seq
    folding.count([(number, complaint)])
    number.save()
    say(veteran("b"), at=NOW)
    number = row()
    reports = list(Report.objects.order_by("seq").select_related("reporter"))
    assert [report.seq for report in reports] == [1, 3]
    expected, _ = rebuild(
        [
            reports[0].voice,
            complaint.voice,
            reports[1].voice,
        ]
    )
    assert number.evidence == expected
    refolding.refold_all([number])
    assert number.evidence == expected
    assert (number.reports, number.complaints) == (2, 1)
    assert number.first_reported_at == NOW - 3 * DAY


def test_a_new_epoch_counts_only_what_came_after():
    say(veteran("a"), at=NOW - 9 * DAY)
    say(veteran("b"), at=NOW - 8 * DAY)
    mark_reassigned(actor=moderator(), identity=SCAMMER, reason="new holder", now=NOW)
    assert row().evidence == EMPTY
    say(veteran("c"), at=NOW + DAY)
    number = row()
    assert (number.reports, number.networks) == (1, 1)
    assert_it_is_what_its_reports_say(number)


def test_calls_of_a_former_holder_count_for_the_former_holder():
    told = veteran("a")
    say(told, at=NOW - 9 * DAY)
    mark_reassigned(actor=moderator(), identity=SCAMMER, reason="new holder", now=NOW)
    for name, at in (("b", NOW + DAY), ("c", NOW + 2 * DAY)):
        say(told, at=at, occurred_at=NOW - 2 * DAY)
        say(veteran(name), at=at, occurred_at=NOW - DAY)
        assert row().evidence == EMPTY
        assert_it_is_what_its_reports_say(row())
    say(told, at=NOW + 3 * DAY, occurred_at=NOW + 2 * DAY)
    assert (row().reports, row().networks) == (1, 1)
    assert_it_is_what_its_reports_say(row())
    undo(entry=AuditEntry.objects.get(), actor=moderator("b"), reason="no", now=NOW + 4 * DAY)
    assert (row().reports, row().networks) == (3, 3)
    assert_it_is_what_its_reports_say(row())


DEEDS = st.lists(
    st.tuples(
        st.integers(0, 4),
        st.sampled_from(
            ["loan_scam", "telemarketing", "legitimate", "warned", "withdraw", "reject", "reassign"]
        ),
        st.integers(-3, 30),
    ),
    min_size=1,
    max_size=9,
)


@pytest.mark.slow
@settings.get_profile("database")
@given(DEEDS)
def test_whatever_happened_the_evidence_is_what_its_reports_say(deeds):
    with transaction.atomic():
        judge = moderator()
        people = [newcomer("a"), newcomer("b"), veteran("c"), veteran("d"), veteran("e")]
        networks = ["n1", "n1", "n1", "n2", "n3"]
        now = NOW
        for who, deed, hours in deeds:
            now += timedelta(hours=hours)
            mine = Report.objects.filter(reporter=people[who]).first()
            if deed == "withdraw":
                if mine:
                    withdraw_report(reporter=people[who], public_id=mine.public_id, now=now)
            elif deed == "reject":
                if mine:
                    reject_report(actor=judge, report=mine, reason="untrue", now=now)
            elif deed == "reassign":
                mark_reassigned(actor=judge, identity=SCAMMER, reason="new holder", now=now)
            else:
                category = "loan_scam" if deed == "warned" else deed
                warned = deed == "warned"
                say(people[who], category, at=now, network=networks[who], was_warned=warned)
        if Number.objects.exists():
            assert_it_is_what_its_reports_say(row())
        transaction.set_rollback(True)


def test_a_mix_decays_and_adds():
    survey = Voice(side=Side.UNWANTED, at=45.0, weight=0.5, category="survey")
    life = CATEGORIES["loan_scam"].half_life
    mix = fold_mix(
        {"loan_scam": 1.0}, before=45.0 - life, after=45.0, voice=survey, contribution=0.25
    )
    assert mix == {"loan_scam": 0.5, "survey": 0.25}
    assert leading(mix) == "loan_scam"
    assert leading({}) == leading({"survey": 0.0}) == ""
    assert leading({"survey": 1.0, "threat": 1.0}) == "threat"
    assert leading({"survey": 1.0, "legitimate": 2.0}) == "legitimate"
    assert leading({"survey": 1.0, "legitimate": 2.0}, warns=True) == "survey"
    assert leading({"legitimate": 2.0}, warns=True) == ""
