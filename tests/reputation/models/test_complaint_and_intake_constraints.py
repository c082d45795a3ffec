"""The database refuses, too, what makes no sense of complaints and of what came in by message."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from reputation.models import (
    Authority,
    Channel,
    Complaint,
    IntakeMessage,
    IntakeSender,
    LinkCode,
    LinkedReport,
    Provision,
    ProvisionAct,
    Reporter,
    Statute,
    Template,
    VoiceLink,
)
from tests.given.constraints import COMPLAINTS_AND_INTAKE, constraints_by_module
from tests.given.reporters import NOW, say

pytestmark = pytest.mark.django_db

SOURCE = {"source": "a document", "source_date": date(2026, 1, 1)}


def reporter() -> Reporter:
    return Reporter.objects.get_or_create(kind="sms", handle="a", defaults={"created_at": NOW})[0]


def authority(**fields: Any) -> Authority:
    given = {"slug": "a", "kind": "police", "country": "CN", "name": "A", "name_zh": "甲"}
    return Authority.objects.create(**(SOURCE | given | fields))


def channel(**fields: Any) -> Channel:
    fields.setdefault("authority", Authority.objects.first() or authority())
    return Channel.objects.create(**(SOURCE | {"slug": "c", "kind": "sms"} | fields))


def statute(**fields: Any) -> Statute:
    return Statute.objects.create(**(SOURCE | {"slug": "s", "country": "CN"} | fields))


def provision(**fields: Any) -> Provision:
    fields.setdefault("statute", Statute.objects.first() or statute())
    return Provision.objects.create(**(SOURCE | {"slug": "p", "article": "42"} | fields))


def act(**fields: Any) -> ProvisionAct:
    fields.setdefault("provision", Provision.objects.first() or provision())
    return ProvisionAct.objects.create(**({"conduct": "threats", "wording": "w"} | fields))


def template(**fields: Any) -> Template:
    given = {"slug": "t", "kind": "letter", "language": "en", "subject": "s", "body": "b"}
    return Template.objects.create(**(SOURCE | given | fields))


def filing(**fields: Any) -> Complaint:
    fields.setdefault("authority", Authority.objects.first() or authority())
    given = {"reporter": reporter(), "language": "en", "prepared_at": NOW}
    return Complaint.objects.create(**(given | fields))


def sender(**fields: Any) -> IntakeSender:
    given = {"channel": "sms", "handle": "h", "reporter": reporter(), "first_seen_at": NOW}
    return IntakeSender.objects.create(**(given | fields))


def message(**fields: Any) -> IntakeMessage:
    fields.setdefault("sender", IntakeSender.objects.first() or sender())
    given = {"channel": "sms", "digest": "d", "received_at": NOW, "sealed": b"s"}
    return IntakeMessage.objects.create(**(given | fields))


def link(**fields: Any) -> LinkCode:
    given = {"reporter": reporter(), "digest": "d", "issued_at": NOW}
    return LinkCode.objects.create(**(given | {"expires_at": NOW + timedelta(hours=1)} | fields))


def linked(other: Reporter | None = None) -> VoiceLink:
    person = Reporter.objects.create(
        kind="person", handle=str(Reporter.objects.count()), created_at=NOW
    )
    return VoiceLink.objects.create(into=person, other=other or reporter(), linked_at=NOW, kept={})


def twice_linked() -> None:
    row = linked()
    report = say(row.into).report
    for _ in range(2):
        LinkedReport.objects.create(link=row, report=report, is_others=False, before={}, after={})


REFUSED: dict[str, list[Any]] = {
    "authority_term_has_its_basis": [
        lambda: authority(answer_days=15),
        lambda: authority(answer_days=0, answer_basis="b", answer_basis_zh="b"),
        lambda: authority(answer_basis="b", answer_basis_zh="b"),
    ],
    "authority_country_is_code": [lambda: authority(country="c")],
    "authority_kind_known": [lambda: authority(kind="nobody")],
    "channel_kind_known": [lambda: channel(kind="fax")],
    "statute_country_is_code": [lambda: statute(country="c")],
    "provision_ends_after_it_begins": [
        lambda: provision(effective_from=date(2026, 1, 1), effective_to=date(2025, 12, 31))
    ],
    "act_once_per_provision": [lambda: (act(), act())],
    "act_conduct_known": [lambda: act(conduct="rudeness")],
    "template_one_for_each_case": [lambda: (template(), template(slug="u"))],
    "template_country_is_code": [lambda: template(country="c")],
    "template_kind_known": [lambda: template(kind="fax")],
    "filing_status_fits_its_dates": [
        lambda: filing(status="filed"),
        lambda: filing(status="answered", filed_at=NOW),
        lambda: filing(filed_at=NOW),
        lambda: filing(status="lost"),
    ],
    "filing_outcome_known": [lambda: filing(outcome="won")],
    "intake_sender_unique": [lambda: (sender(), sender())],
    "intake_sender_channel_known": [lambda: sender(channel="fax")],
    "intake_message_once": [lambda: (message(), message())],
    "intake_channel_known": [lambda: message(channel="fax")],
    "intake_status_known": [lambda: message(status="gone")],
    "intake_question_has_a_deadline": [
        lambda: message(status="asked", asked="number"),
        lambda: message(status="asked", asked_until=NOW),
    ],
    "intake_reported_has_its_report": [lambda: message(status="reported")],
    "intake_kept_says_why": [lambda: message(status="kept")],
    "intake_reported_has_a_voice": [
        lambda: message(channel="email", sender=None, claimed="c", status="reported")
    ],
    "intake_sender_known_or_claimed": [
        lambda: message(sender=None, claimed="c"),
        lambda: message(channel="email", sender=None),
    ],
    "link_code_second_is_somebody_s": [
        lambda: link(second="s"),
        lambda: link(shown_by=reporter()),
    ],
    "link_code_lives_a_while": [lambda: link(expires_at=NOW)],
    "link_one_per_voice": [lambda: linked(linked().other)],
    "link_of_two_voices": [
        lambda: VoiceLink.objects.create(
            into=(one := reporter()), other=one, linked_at=NOW, kept={}
        )
    ],
    "linked_report_once": [lambda: twice_linked()],
}
for _name, _make in (
    ("authority", authority),
    ("channel", channel),
    ("statute", statute),
    ("provision", provision),
    ("template", template),
):
    REFUSED[f"{_name}_has_source"] = [lambda make=_make: make(source="")]
    REFUSED[f"{_name}_checked_at_a_time"] = [
        lambda make=_make: make(checked=True),
        lambda make=_make: make(checked_at=NOW),
    ]


@pytest.mark.parametrize(
    ("name", "act"), [(name, act) for name, acts in REFUSED.items() for act in acts]
)
def test_the_database_refuses(name, act):
    with pytest.raises(IntegrityError, match=f'constraint "{name}"'), transaction.atomic():
        act()


@pytest.mark.parametrize(
    "make",
    [authority, channel, statute, provision, act, template, filing, sender, message, link],
)
def test_and_refuses_no_more_than_that(make):
    make()


def test_every_named_constraint_has_its_case():
    declared = constraints_by_module()
    assert set().union(*(declared[name] for name in COMPLAINTS_AND_INTAKE)) == set(REFUSED)
