"""Each invariant is named in the database, and the database itself refuses to break it."""

import uuid
from contextlib import suppress
from datetime import date
from typing import Any

import phonenumbers
import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, models, transaction

from reputation.identity import InvalidNumber, identify
from reputation.models import (
    Agreement,
    Calibration,
    CalibrationDraw,
    Campaign,
    ClusterFigures,
    DayFigures,
    Erasure,
    EvidenceBucket,
    HourFigures,
    ImportedComplaint,
    KeyContact,
    KeyMark,
    LoggedCall,
    NeverCalling,
    Number,
    OwnRule,
    QualityFigures,
    Report,
    Reporter,
    ReportRevision,
    RetractedComplaint,
    Traffic,
    TransparencyMonth,
    Watch,
)
from reputation.scoring.days import EPOCH
from tests.given.constraints import COMPLAINTS_AND_INTAKE, MODERATION, constraints_by_module, twice
from tests.given.reporters import DAY, NOW, moderator
from tests.given.rows import a_campaign, a_key_grant, a_numbers_file, an_audit_entry

pytestmark = pytest.mark.django_db


def number(**fields: Any) -> Number:
    defaults = {"key": "+8613812345678", "created_at": NOW, "evidence_at": EPOCH, "prior": 0.45}
    return Number.objects.create(**(defaults | fields))


def reporter(**fields: Any) -> Reporter:
    return Reporter.objects.create(**({"kind": "key", "handle": "a", "created_at": NOW} | fields))


def report(**fields: Any) -> Report:
    defaults = {
        "category": "loan_scam",
        "filed_at": NOW,
        "counted_at": NOW,
        "seq": 1,
        "network": "n",
        "weight": 1.0,
        "established": False,
    }
    fields.setdefault("number", Number.objects.first() or number())
    fields.setdefault("reporter", Reporter.objects.first() or reporter())
    return Report.objects.create(**(defaults | fields))


def logged(about=None, **said):
    return LoggedCall.objects.create(report=about or report(), at=NOW, noted_at=NOW, **said)


def own_rule(**fields: Any) -> OwnRule:
    by = fields.pop("reporter", None) or reporter()
    rule = {"action": "block", "pattern": "+49*", "created_at": NOW}
    return OwnRule.objects.create(reporter=by, **(rule | fields))


def granted() -> dict[str, Any]:
    limits = {"scopes": ["lookup"], "lookups_per_minute": 1, "expires_at": NOW}
    return limits | {"granted_at": NOW, "voice": reporter()}


def complaint(**fields: Any) -> ImportedComplaint | RetractedComplaint:
    defaults = {
        "source": "ftc",
        "digest": b"1" * 32,
        "category": "robocall",
        "filed_at": NOW,
        "seq": 1,
        "weight": 0.5,
    }
    fields.setdefault("number", Number.objects.first() or number())
    model = fields.pop("model", ImportedComplaint)
    return model.objects.create(**(defaults | fields))


def bucket(**fields: Any) -> EvidenceBucket:
    defaults = {"side": 1, "kind": 1, "bucket": "n", "short": 0.5, "long": 0.5, "at": NOW}
    fields.setdefault("number", Number.objects.first() or number())
    return EvidenceBucket.objects.create(**(defaults | fields))


def watched(**fields: Any) -> Watch:
    fields.setdefault("user", User.objects.first() or moderator())
    times = {"since": NOW, "checked_at": NOW}
    return Watch.objects.create(
        **({"key": "+1", "said": "flag", "language": "en"} | times | fields)
    )


def never_calling(**fields: Any) -> NeverCalling:
    defaults = {"number": number(), "since": NOW.date(), "source": "a list"}
    return NeverCalling.objects.create(**(defaults | fields))


NOTHING_DRAWN: dict[str, Any] = {"answered": 0, "missing": 0, "unwanted": 0}


def a_draw(**fields: Any) -> CalibrationDraw:
    drawn: dict[str, Any] = {"drawn_at": NOW, "raw": 0.5, "alone": False, "place": 0.5}
    return CalibrationDraw.objects.create(**{"number": number()} | drawn | fields)


REFUSED = {
    "number_key_unique": [lambda: twice(number)],
    "number_key_canonical": [
        lambda: number(key=""),
        lambda: number(key="8613812345678"),
        lambda: number(key="+0613812345678"),
        lambda: number(key="+86138123456789012"),
        lambda: number(key="+86138 12345678"),
        lambda: number(key="cn:95533"),
        lambda: number(key="CN:" + "1" * 21),
        lambda: number(key="CN@"),
        lambda: number(key="CN@" + "A" * 25),
        lambda: number(key="+8613812345678\n"),
    ],
    "number_action_known": [lambda: number(action="hide")],
    "number_status_known": [lambda: number(status="bad")],
    "number_pinned_known": [lambda: number(pinned="hide")],
    "number_only_pins_expire": [lambda: number(pinned_until=NOW)],
    "number_pinned_after_known": [
        lambda: number(pinned_after="hide"),
        lambda: number(pinned_after_until=NOW),
    ],
    "number_score_percent": [lambda: number(score=101), lambda: number(score=-1)],
    "number_prior_probability": [lambda: number(prior=0.0), lambda: number(prior=1.0)],
    "number_moderated_sign": [lambda: number(moderated=2), lambda: number(moderated=-2)],
    "number_evidence_not_negative": [
        lambda: number(unwanted_short=-0.1),
        lambda: number(unwanted_long=-0.1),
        lambda: number(legitimate=-0.1),
    ],
    "number_counts_consistent": [
        lambda: number(reports=-1),
        lambda: number(complaints=-1),
        lambda: number(seq=-1),
        lambda: number(settled_seq=-1),
        lambda: number(seq=3, settled_seq=4),
    ],
    "number_link_expires": [lambda: number(linked=1), lambda: number(linked=3, linked_until=NOW)],
    # What protects the innocent most.
    "number_official_not_blocked_by_reports": [
        lambda: number(official=True, action="block"),
        lambda: number(official=True, action="block", moderated=-1),
        lambda: number(official=True, action="block", promoted=True),
        lambda: number(official=True, action="block", pinned="flag"),
        lambda: (number(official=True), Number.objects.update(action="block")),
    ],
    "bucket_mass_not_negative": [lambda: bucket(short=-0.1), lambda: bucket(long=-0.1)],
    "bucket_side_known": [lambda: bucket(side=2)],
    "reporter_handle_unique": [lambda: twice(reporter)],
    "reporter_kind_known": [lambda: reporter(kind="robot")],
    "reporter_credits_not_negative": [
        lambda: reporter(tp=-0.1),
        lambda: reporter(fn=-0.1),
        lambda: reporter(tn=-0.1),
        lambda: reporter(fp=-0.1),
        lambda: reporter(firsts=-0.1),
    ],
    "reporter_not_merged_into_itself": [
        lambda: (reporter(), Reporter.objects.update(merged_into=models.F("id")))
    ],
    "report_one_per_reporter_and_number": [lambda: (report(), report(seq=2))],
    "report_seq_unique": [lambda: (report(), report(reporter=reporter(handle="b")))],
    "report_status_known": [lambda: report(status="gone")],
    "report_merged_into_another": [
        lambda: report(status="merged"),
        lambda: report(reporter=reporter(handle="b"), seq=2, merged_into=report()),
    ],
    "report_category_known": [lambda: report(category="nice")],
    "report_channel_known": [lambda: report(channel="fax")],
    "report_attestation_known": [lambda: report(attestation="D")],
    "report_call_count_range": [lambda: report(call_count=0), lambda: report(call_count=10_001)],
    "report_weight_not_negative": [
        lambda: report(weight=-0.1),
        lambda: report(contribution=-0.1),
    ],
    "revision_change_known": [
        lambda: ReportRevision.objects.create(
            report=report(), content={}, change="forgotten", at=NOW
        )
    ],
    "logged_call_once": [lambda: logged(logged().report)],
    "logged_call_channel_known": [lambda: logged(channel="fax")],
    "logged_call_seconds_range": [lambda: logged(seconds=-1), lambda: logged(seconds=86_401)],
    "own_rule_once": [lambda: own_rule(reporter=own_rule().reporter)],
    "own_rule_action_known": [lambda: own_rule(action="flag")],
    "own_rule_of_something": [lambda: own_rule(pattern="")],
    "complaint_imported_once": [lambda: (complaint(), complaint(seq=2))],
    "complaint_retracted_once": [lambda: twice(complaint, model=RetractedComplaint)],
    "complaint_seq_unique": [lambda: (complaint(), complaint(digest=b"2" * 32))],
    "complaint_category_known": [lambda: complaint(category="nice")],
    "erasure_once": [
        lambda: twice(Erasure.objects.create, subject="a" * 32, erased_at=NOW),
    ],
    "transparency_by_month": [
        lambda: TransparencyMonth.objects.create(
            month=date(2026, 11, 2), figures={}, counted_at=NOW
        ),
    ],
    "key_mark_once": [
        lambda: twice(KeyMark.objects.create, purpose="sealing", mark="a", since=NOW),
    ],
    "key_mark_one_pseudonym": [
        lambda: [
            KeyMark.objects.create(purpose="pseudonym", mark=mark, since=NOW) for mark in "ab"
        ],
    ],
    "key_grant_names_somebody": [lambda: a_key_grant(organisation="")],
    "key_grant_says_what": [
        lambda: a_key_grant(**granted() | {"expires_at": None}),
        lambda: a_key_grant(**granted() | {"lookups_per_minute": 0}),
        lambda: a_key_grant(**granted() | {"scopes": []}),
        lambda: a_key_grant(**granted() | {"voice": None}),
        lambda: a_key_grant(**granted() | {"refused_at": NOW}),
    ],
    "key_contact_once": [
        lambda: twice(
            KeyContact.objects.create, grant=a_key_grant(), user=moderator(), added_at=NOW
        ),
    ],
    "draw_answered_or_missing": [lambda: a_draw(entry=an_audit_entry(), missing_at=NOW)],
    "draw_place_is_a_share": [lambda: a_draw(place=1.1), lambda: a_draw(place=-0.1)],
    "agreement_lasting_is_a_share": [
        lambda: Agreement.objects.create(measured_at=NOW, counts=[], lasting=0.0),
        lambda: Agreement.objects.create(measured_at=NOW, counts=[], lasting=1.0),
    ],
    "calibration_has_both_curves": [
        lambda: Calibration.objects.create(fitted_at=NOW, several=[], **NOTHING_DRAWN)
    ],
    "calibration_counts_add_up": [
        lambda: Calibration.objects.create(fitted_at=NOW, **NOTHING_DRAWN | {"unwanted": 1}),
        lambda: Calibration.objects.create(fitted_at=NOW, **NOTHING_DRAWN | {"missing": -1}),
    ],
    "campaign_counts_not_negative": [lambda: a_campaign(reports=-1), lambda: a_campaign(listed=-1)],
    "campaign_confirmation_ends": [
        lambda: a_campaign(confirmed_at=NOW),
        lambda: a_campaign(confirmed_until=NOW),
    ],
    "campaign_joins_another": [
        lambda: Campaign.objects.filter(pk=a_campaign().pk).update(joined_to=models.F("pk"))
    ],
    "never_calling_has_source": [lambda: never_calling(source="")],
    "never_calling_days_in_order": [lambda: never_calling(until=NOW.date() - DAY)],
    "numbers_file_found_at_some_time": [lambda: a_numbers_file(found={})],
    "traffic_not_negative": [lambda: Traffic.objects.create(number=number(), count=-1.0, at=NOW)],
    "watch_once": [lambda: twice(watched)],
    "watch_says": [lambda: watched(key=""), lambda: watched(said="")],
}

REFUSED["hour_reports_not_negative"] = [
    lambda: HourFigures.objects.create(hour=NOW, category="threat", channel="sms", reports=-1)
]
REFUSED["cluster_figures_in_order"] = [
    lambda wrong=wrong: ClusterFigures.objects.create(
        **{"reports": 2, "first": 1, "last": 2} | wrong, hour=NOW, cluster=1
    )
    for wrong in ({"reports": 0}, {"first": 3})
]
REFUSED["day_figures_not_negative"] = [
    lambda name=name: DayFigures.objects.create(
        **dict.fromkeys(("flagged", "blocked", "decisions", "false_blocks"), 0) | {name: -1},
        day=NOW.date(),
        counted_at=NOW,
    )
    for name in ("flagged", "blocked", "decisions", "false_blocks")
]
REFUSED["quality_figures_within_decisions"] = [
    lambda wrong=wrong: QualityFigures.objects.create(
        **{"decisions": 1, "overturned": 0, "judged": 1, "agreed": 0, "lost": 0} | wrong,
        day=NOW.date(),
        actor=moderator(),
        counted_at=NOW,
    )
    for wrong in ({"overturned": 2}, {"agreed": 2}, {"lost": -1})
]


@pytest.mark.parametrize(
    ("name", "act"), [(name, act) for name, acts in REFUSED.items() for act in acts]
)
def test_the_database_refuses(name, act):
    with pytest.raises(IntegrityError, match=f'constraint "{name}"'), transaction.atomic():
        act()


ALLOWED = [
    lambda: number(key="+290512"),
    lambda: number(key="+123456789012345"),
    lambda: number(key="CN:95533"),
    lambda: number(key="CN:" + "1" * 20),
    lambda: number(key="CN@工商银行"),
    lambda: number(score=0, reports=0, seq=4, settled_seq=4),
    lambda: number(score=100, official=True, action="block", moderated=1),
    lambda: number(official=True, action="block", pinned="block"),
    lambda: number(official=True, action="flag"),
    lambda: number(official=True, action="block", never_calls=True),
    lambda: number(action="block"),
    lambda: (reporter(), reporter(kind="sms")),
    lambda: (report(), report(reporter=reporter(handle="b"), seq=2)),
    lambda: report(call_count=10_000, weight=0.0),
    lambda: (complaint(), complaint(source="other", seq=2)),
]


@pytest.mark.parametrize("act", ALLOWED)
def test_and_refuses_no_more_than_that(act):
    act()


def test_every_kind_of_key_that_identity_makes_is_canonical_here():
    keys = set()
    for region in phonenumbers.SUPPORTED_REGIONS:
        for kind in phonenumbers.PhoneNumberType.values():
            example = phonenumbers.example_number_for_type(region, kind)
            with suppress(InvalidNumber):  # a few examples are fictional
                e164 = phonenumbers.PhoneNumberFormat.E164
                keys.add(identify(phonenumbers.format_number(example, e164)).key if example else "")
    keys.discard("")
    keys |= {identify(raw, region="CN").key for raw in ("95533", "10086", "106575258192001234")}
    keys |= {identify(raw, region="GB").key for raw in ("HMRC", "Ünïcode", "3-Mobile", "a" * 11)}
    assert len(keys) > 1000
    Number.objects.bulk_create(
        Number(key=key, created_at=NOW, evidence_at=EPOCH, prior=0.45) for key in keys
    )


def test_every_named_constraint_has_its_case():
    tested_elsewhere = (
        {"feed", "attachment", "dispute", "webhook"} | COMPLAINTS_AND_INTAKE | MODERATION
    )
    declared = constraints_by_module()
    here = declared.keys() - tested_elsewhere
    assert set().union(*(declared[name] for name in here)) == set(REFUSED)


def test_a_public_id_is_nobody_elses():
    mine = report()
    with pytest.raises(IntegrityError, match="public_id"), transaction.atomic():
        report(reporter=reporter(handle="b"), seq=2, public_id=mine.public_id)
    assert isinstance(mine.public_id, uuid.UUID)


def test_what_is_reported_cannot_vanish():
    mine = report()
    for thing in (mine.number, mine.reporter):
        with pytest.raises(models.ProtectedError):
            thing.delete()
