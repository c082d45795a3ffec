"""Complaints: prepared, handed out, filed, answered."""

import uuid
from datetime import timedelta
from functools import partial

import pytest
from django.db import IntegrityError, transaction

from reputation.complaints import filing
from reputation.complaints.cases import Details, LanguageUnknown, NothingReported, TooMuch
from reputation.complaints.filing import (
    AuthorityUnknown,
    ComplaintNotFound,
    QuotaUsed,
    StatusWrong,
    export_complaints,
    find_complaint,
    hand_out_pack,
    list_complaints,
    prepare_complaint,
    update_complaint,
    where_to_complain,
)
from reputation.complaints.packs import ChannelUnknown
from reputation.models import NOBODY, Authority, Channel, Complaint, Reporter
from reputation.reports import ReporterBlocked, ReportNotFound
from tests.given.concurrency import together
from tests.given.reporters import BAKERY, DAY, NOW, newcomer, say

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("evidence_dir", "_authorities")]


@pytest.fixture
def report():
    return say(newcomer("li"), at=NOW, occurred_at=NOW - DAY).report


def prepare(*reports, authority="cn-12321", **options):
    options = {"reporter": reports[0].reporter, "now": NOW} | options
    return prepare_complaint(
        reports=[each.public_id for each in reports], authority=authority, **options
    )


def update(complaint, **said):
    said = {"now": NOW} | said
    return update_complaint(reporter=complaint.reporter, public_id=complaint.public_id, **said)


# --- Where to ---


def test_where_to_complain():
    found = where_to_complain(country="CN", categories=["telemarketing"])
    assert [each.slug for each in found] == [
        *("cn-12321", "cn-police", "cn-12378", "cn-mobile", "cn-unicom", "cn-telecom", "lender"),
    ]
    assert [each.slug for each in found[0].channels_in_use] == [
        *("cn-12321-web", "cn-12321-app", "cn-12321-sms", "cn-12321-email", "cn-12321-phone"),
    ]
    found = where_to_complain(country="US", categories=["illegal_collection"])
    assert {"us-cfpb", "us-ftc-fraud", "us-fcc"} < {each.slug for each in found}
    found = where_to_complain(country="US", conduct="threats", categories=["threat"])
    assert found[0].slug == "us-police"
    found = where_to_complain(country="US", conduct="threats")
    assert "us-police" in [each.slug for each in found]
    assert where_to_complain(country="US", conduct="privacy_disclosure")[-1].slug == "lender"


@pytest.mark.parametrize(
    ("country", "acts", "slugs"),
    [
        # Who deals with some acts only comes first where one of them is named, last where none is.
        ("HK", ["contacted_third_parties"], "hk-pcpd hk-police hk-hkma lender hk-adcc"),
        ("HK", ["insult_or_defamation"], "hk-police hk-hkma lender hk-adcc hk-pcpd"),
        ("HK", [], "hk-police hk-hkma lender hk-adcc hk-pcpd"),
        ("HK", ["threats", "privacy_disclosure"], "hk-police hk-pcpd hk-hkma lender hk-adcc"),
        (
            "US",
            ["false_accusation"],
            "us-police us-cfpb us-ftc-fraud us-fcc us-state-ag us-carrier lender us-ftc-dnc",
        ),
        (
            "US",
            [],
            "us-cfpb us-ftc-fraud us-fcc us-state-ag us-carrier lender us-ftc-dnc us-police",
        ),
        # What the caller did is not known: as ranked.
        ("HK", None, "hk-police hk-hkma hk-pcpd lender hk-adcc"),
    ],
)
def test_where_to_complain_of_these_acts(country, acts, slugs):
    found = where_to_complain(
        country=country, categories=["illegal_collection", "robocall"], acts=acts
    )
    assert [each.slug for each in found] == slugs.split()


def test_where_to_complain_asks_the_database_twice(django_assert_num_queries):
    with django_assert_num_queries(2):
        where_to_complain(country="CN")


# --- Preparing ---


def test_preparing_keeps_reports_channel_and_language(report):
    second = say(report.reporter, number=BAKERY, at=NOW).report
    complaint = prepare(report, second, report, channel="cn-12321-sms", language="en")
    assert (complaint.authority.slug, complaint.channel.slug) == ("cn-12321", "cn-12321-sms")
    assert (complaint.status, complaint.language) == ("prepared", "en")
    assert set(complaint.reports.all()) == {report, second}
    assert complaint.manifests == []


def test_a_button_pressed_twice_prepares_one_complaint(report):
    second = say(report.reporter, number=BAKERY, at=NOW).report
    one = prepare(report, second)
    assert prepare(second, report, now=NOW + DAY) == one
    others = [prepare(report), prepare(report, second, language="en")]
    assert one not in others
    update(one, status="filed")
    assert prepare(report, second) not in [one, *others]
    assert Complaint.objects.count() == 4


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_button_pressed_twice_at_once_prepares_one_complaint(report):
    assert len({found.pk for found in together(*[lambda: prepare(report)] * 2)}) == 1


@pytest.mark.parametrize(
    ("options", "error", "field"),
    [
        ({"authority": "cn-12399"}, AuthorityUnknown, "authority"),
        ({"channel": "cn-mobile-sms"}, ChannelUnknown, "channel"),
        ({"language": "fr"}, LanguageUnknown, "language"),
    ],
)
def test_what_cannot_be_prepared(report, options, error, field):
    with pytest.raises(error) as raised:
        prepare(report, **options)
    assert raised.value.field == field
    assert not Complaint.objects.exists()


def test_whose_reports(report):
    other = say(newcomer("wang"), at=NOW).report
    with pytest.raises(ReportNotFound, match=str(other.public_id)):
        prepare(report, other)
    with pytest.raises(NothingReported):
        prepare_complaint(reporter=report.reporter, reports=[], authority="lender", now=NOW)
    with pytest.raises(TooMuch):
        prepare_complaint(
            reporter=report.reporter,
            reports=[uuid.uuid4() for _ in range(51)],
            authority="lender",
            now=NOW,
        )
    praise = say(report.reporter, "legitimate", BAKERY, at=NOW).report
    with pytest.raises(NothingReported):
        prepare(report, praise)


def test_a_blocked_reporter_prepares_nothing(report):
    report.reporter.blocked_at = NOW
    with pytest.raises(ReporterBlocked):
        prepare(report)


@pytest.mark.parametrize("change", [{"blocked_at": NOW}, {"handle": f"{NOBODY}x"}])
def test_who_was_blocked_or_erased_meanwhile_prepares_nothing(report, change):
    Reporter.objects.update(**change)
    with pytest.raises(ReporterBlocked):
        prepare(report)
    assert not Complaint.objects.exists()


def test_what_is_no_longer_in_use_is_neither_offered_nor_prepared(report):
    Authority.objects.filter(slug="cn-police").update(active=False)
    Channel.objects.filter(slug="cn-12321-sms").update(active=False)
    found = {each.slug: each for each in where_to_complain(country="CN")}
    assert "cn-police" not in found
    assert "cn-12321-sms" not in [each.slug for each in found["cn-12321"].channels_in_use]
    with pytest.raises(AuthorityUnknown):
        prepare(report, authority="cn-police")
    with pytest.raises(ChannelUnknown):
        prepare(report, channel="cn-12321-sms")


def test_so_many_a_day(report, monkeypatch):
    monkeypatch.setattr(filing, "COMPLAINTS_A_DAY", 2)
    for authority in ("cn-12321", "cn-police"):
        prepare(report, authority=authority)
    with pytest.raises(QuotaUsed):
        prepare(report, authority="lender", now=NOW + DAY - timedelta(seconds=1))
    prepare(report, authority="lender", now=NOW + DAY)
    other = say(newcomer("wang"), at=NOW).report
    prepare(other)


# --- The pack ---


def hand_out(complaint, **details):
    with hand_out_pack(
        reporter=complaint.reporter,
        public_id=complaint.public_id,
        details=Details(**details),
        now=NOW,
    ) as pack:
        return pack


@pytest.mark.slow
def test_a_pack_and_its_trace(report):
    complaint = prepare(report, channel="cn-12321-sms", language="en")
    sms = Channel.objects.get(slug="cn-12321-phone")
    pack = hand_out(complaint, language="zh-hans", channel=sms)
    # What was chosen when it was prepared stands.
    assert [each.channel.slug for each in pack.filled] == ["cn-12321-sms"]
    assert pack.letter.subject.startswith("Complaint about")
    again = hand_out(complaint)
    other = hand_out(complaint, addressee="Somebody else")
    assert again.manifest == pack.manifest
    complaint.refresh_from_db()
    assert complaint.manifests == [pack.manifest, other.manifest]


@pytest.mark.slow
def test_so_many_packs_of_one(report, monkeypatch):
    monkeypatch.setattr(filing, "PACKS_OF_ONE", 1)
    complaint = prepare(report)
    hand_out(complaint)
    with pytest.raises(QuotaUsed):
        hand_out(complaint)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_packs_that_are_made_at_one_moment_count_as_others(report, monkeypatch):
    monkeypatch.setattr(filing, "PACKS_OF_ONE", 1)
    complaint = prepare(report)

    def make(addressee):
        try:
            hand_out(complaint, addressee=addressee)
        except QuotaUsed:
            return "refused"
        return "made"

    assert sorted(together(partial(make, "One"), partial(make, "Other"))) == ["made", "refused"]
    complaint.refresh_from_db()
    assert len(complaint.manifests) == 1


@pytest.mark.slow
def test_nothing_of_who_complains_is_kept(report):
    from reputation.complaints.letters import Person

    complaint = prepare(report)
    hand_out(complaint, person=Person(name="李四", address="某路 1 号", email="li@example.test"))
    row = Complaint.objects.filter(pk=complaint.pk).values().get()
    assert "李四" not in str(row)
    assert "li@example.test" not in str(row)


# --- Whose it is ---


def test_nobody_elses(report):
    complaint = prepare(report)
    other = newcomer("wang")
    public_id = complaint.public_id
    for ask in (
        lambda: find_complaint(reporter=other, public_id=public_id),
        lambda: hand_out_pack(reporter=other, public_id=public_id, details=Details(), now=NOW),
        lambda: update_complaint(reporter=other, public_id=public_id, status="filed", now=NOW),
    ):
        with pytest.raises(ComplaintNotFound, match=str(public_id)):
            ask()
    assert list_complaints(reporter=other) == []
    assert export_complaints(reporter=other).count(b"\n") == 1
    assert find_complaint(reporter=report.reporter, public_id=public_id) == complaint


@pytest.mark.slow
def test_those_of_a_linked_voice_are_ones_own(report):
    complaint = prepare(report)
    main = newcomer("li's account")
    assert list_complaints(reporter=main) == []
    voice = report.reporter
    voice.merged_into = main
    voice.save()
    assert list_complaints(reporter=main) == [complaint]
    with hand_out_pack(
        reporter=main, public_id=complaint.public_id, details=Details(), now=NOW
    ) as pack:
        assert pack.name == "ringscore-cn-12321-20261124.zip"


def test_complaints_are_read_a_page_at_a_time(report, monkeypatch):
    monkeypatch.setattr(filing, "PAGE", 2)
    languages = ("", "en", "de", "zh-hans", "zh-hant")
    ids = [
        prepare(report, language=language, now=NOW + n // 2 * DAY).pk
        for n, language in enumerate(languages)
    ]
    first = list_complaints(reporter=report.reporter)
    assert [each.pk for each in first] == ids[:1:-1]
    last = first[1]
    rest = list_complaints(reporter=report.reporter, after=(last.prepared_at, last.pk))
    assert [each.pk for each in rest] == ids[2::-1]


def test_a_list_of_any_length_asks_three_times(report, django_assert_num_queries):
    for languages in (("en",), ("de", "zh-hans", "zh-hant")):
        for language in languages:
            prepare(report, language=language)
        with django_assert_num_queries(3):  # complaints, their reports, the numbers of these
            for each in list_complaints(reporter=report.reporter):
                assert (each.authority.slug, each.channel) == ("cn-12321", None)
                assert len(each.reports.all()) == 1


# --- What became of it ---


def state(complaint):
    return (
        complaint.status,
        complaint.filed_at,
        complaint.reference,
        complaint.answered_at,
        complaint.outcome,
    )


def test_filed_then_answered_then_corrected(report):
    complaint = prepare(report, now=NOW - 3 * DAY)
    filed = update(complaint, status="filed", reference="京 2026-1")
    assert state(filed) == ("filed", NOW, "京 2026-1", None, "")
    filed = update(complaint, filed_at=NOW - 2 * DAY)
    assert state(filed) == ("filed", NOW - 2 * DAY, "京 2026-1", None, "")
    answered = update(complaint, status="answered", outcome="refused")
    assert state(answered) == ("answered", NOW - 2 * DAY, "京 2026-1", NOW, "refused")
    answered = update(complaint, outcome="forwarded", answered_at=NOW - DAY, reference="")
    assert state(answered) == ("answered", NOW - 2 * DAY, "", NOW - DAY, "forwarded")
    # Said too early: what belongs to the later steps goes.
    assert state(update(complaint, status="filed")) == ("filed", NOW - 2 * DAY, "", None, "")
    assert state(update(complaint, status="prepared")) == ("prepared", None, "", None, "")


def test_answered_at_once(report):
    answered = update(prepare(report), status="answered", outcome="resolved")
    assert state(answered) == ("answered", NOW, "", NOW, "resolved")


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"reference": "1"}, "status"),
        ({"filed_at": NOW}, "status"),
        ({"status": "filed", "outcome": "refused"}, "status"),
        ({"status": "filed", "answered_at": NOW}, "status"),
        ({"status": "answered"}, "outcome"),
        ({"status": "filed", "filed_at": NOW - 2 * DAY}, "filed_at"),
        ({"status": "filed", "filed_at": NOW + timedelta(hours=1)}, "filed_at"),
        (
            {"status": "answered", "outcome": "refused", "answered_at": NOW - 2 * DAY},
            "answered_at",
        ),
        (
            {"status": "answered", "outcome": "refused", "answered_at": NOW + DAY},
            "answered_at",
        ),
    ],
)
def test_what_does_not_fit(report, said, field):
    complaint = prepare(report)
    with pytest.raises(StatusWrong) as raised:
        update(complaint, **said)
    assert raised.value.field == field
    complaint.refresh_from_db()
    assert state(complaint) == ("prepared", None, "", None, "")


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"filed_at": NOW}, "filing_status_fits_its_dates"),
        ({"status": "filed"}, "filing_status_fits_its_dates"),
        ({"status": "answered", "filed_at": NOW, "answered_at": NOW}, "filing_status_fits"),
        (
            {"status": "answered", "filed_at": NOW, "answered_at": NOW, "outcome": "won"},
            "filing_outcome_known",
        ),
    ],
)
def test_the_database_keeps_status_and_dates_together(report, change, constraint):
    complaint = prepare(report)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Complaint.objects.filter(pk=complaint.pk).update(**change)


def test_the_export(report):
    complaint = prepare(report, channel="cn-12321-sms")
    pack = hand_out(complaint)
    update(complaint, status="answered", outcome="resolved", reference="=1+1")
    other = prepare(report, authority="lender", now=NOW + DAY)
    assert export_complaints(reporter=report.reporter).decode("utf-8-sig") == (
        "id,authority,channel,status,prepared_at,filed_at,reference,answered_at,outcome,reports,"
        "packs\r\n"
        f"{complaint.public_id},cn-12321,cn-12321-sms,answered,2026-11-24T12:00:00+00:00,"
        "2026-11-24T12:00:00+00:00,'=1+1,2026-11-24T12:00:00+00:00,resolved,"
        f"{report.public_id},{pack.manifest}\r\n"
        f"{other.public_id},lender,,prepared,2026-11-25T12:00:00+00:00,,,,,{report.public_id},\r\n"
    )
