"""Authorities, channels, statutes and templates in the panel: edited with a reason, on record."""

import re
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.forms.models import model_to_dict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from reputation.complaints.seeding import load
from reputation.complaints.upkeep import record_edit, said_by
from reputation.models import AuditEntry, Authority, Channel, Provision, Statute, Template
from reputation.moderation import ReasonMissing
from tests.given.authorities import load_authorities
from tests.given.concurrency import together
from tests.given.reporters import NOW
from tests.given.staff import member, signed_in, staff, text

pytestmark = pytest.mark.django_db

KINDS = ("authority", "channel", "statute", "provision", "template")
ROWS = {
    "authority": "cn-12321",
    "channel": "cn-12321-sms",
    "statute": "cn-psapl",
    "provision": "cn-psapl-2026",
    "template": "letter-zh",
}
MODELS = {
    "authority": Authority,
    "channel": Channel,
    "statute": Statute,
    "provision": Provision,
    "template": Template,
}


@pytest.fixture(autouse=True)
def _facts():
    load_authorities()


@pytest.fixture
def client() -> Client:
    return signed_in(member("moderator"))


def row_of(kind: str) -> Any:
    return MODELS[kind]._default_manager.get(slug=ROWS[kind])


def page_of(row: Any) -> str:
    return reverse(f"admin:reputation_{row._meta.model_name}_change", args=[row.pk])


def fields_of(row: Any, **changes: Any) -> dict[str, Any]:
    """What the page's form holds, changed."""
    fields = {name: value for name, value in model_to_dict(row).items() if value is not None}
    if isinstance(row, Provision):
        acts = list(row.acts.order_by("pk"))
        fields |= {"acts-TOTAL_FORMS": len(acts), "acts-INITIAL_FORMS": len(acts)}
        for place, act in enumerate(acts):
            for name, value in model_to_dict(act).items():
                if value is not None:
                    fields[f"acts-{place}-{name}"] = value
    for name, value in list(fields.items()):
        if value is False:
            del fields[name]  # as browsers do with boxes that are not ticked
    return fields | changes


def save(client: Client, row: Any, **changes: Any) -> Any:
    response = client.post(page_of(row), fields_of(row, **changes))
    row.refresh_from_db()
    return response


def errors(response: Any) -> dict[str, Any]:
    assert response.status_code == 200
    return dict(response.context["adminform"].form.errors)


# --- Who may ---


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("name", "reads", "edits"),
    [
        ("moderator", True, True),
        ("senior", True, True),
        ("auditor", True, False),
        ("administrator", True, False),
        ("staff", False, False),
    ],
)
def test_roles_read_and_edit_what_is_theirs(kind, name, reads, edits):
    client = signed_in(member(name))
    row = row_of(kind)
    listed = client.get(reverse(f"admin:reputation_{kind}_changelist"))
    assert (listed.status_code == 200) is reads
    page = client.get(page_of(row))
    assert (page.status_code == 200) is reads
    assert (b'name="reason"' in page.content) is edits
    assert (client.get(reverse(f"admin:reputation_{kind}_add")).status_code == 200) is edits
    answer = save(client, row, source="A letter of the authority", reason="It wrote to us.")
    assert answer.status_code == (302 if edits else 403)
    assert (row.source == "A letter of the authority") is edits
    assert AuditEntry.objects.count() == (1 if edits else 0)
    gone = client.post(reverse(f"admin:reputation_{kind}_delete", args=[row.pk]), {"post": "yes"})
    assert gone.status_code == 403
    assert MODELS[kind]._default_manager.filter(pk=row.pk).exists()


# --- On record ---


def test_an_edit_has_its_reason_and_both_states_on_record(client):
    channel = row_of("channel")
    answer = save(client, channel, address="12321 9", reason="The centre moved.", checked="on")
    assert answer.status_code == 302
    assert channel.address == "12321 9"
    entry = AuditEntry.objects.get()
    assert (entry.actor.username, entry.verb, entry.reason) == (
        *("moderator", "edit_channel"),
        "The centre moved.",
    )
    assert entry.before == {"slug": "cn-12321-sms", "address": "12321", "checked": False}
    assert entry.after == {"slug": "cn-12321-sms", "address": "12321 9", "checked": True}


def test_days_and_moments_are_written_as_in_the_whole_panel(client):
    provision = row_of("provision")
    save(client, provision, checked="on", reason="Compared.")
    shown = client.get(page_of(provision)).content.decode()
    assert f"{provision.checked_at:%Y-%m-%d %H:%M}<" in shown
    Provision.objects.filter(pk=provision.pk).update(effective_from=NOW.date())
    listed = client.get(reverse("admin:reputation_provision_changelist")).content.decode()
    assert f">{NOW:%Y-%m-%d}<" in listed


def test_who_changes_an_address_does_not_count_as_who_checked_it(settings, client):
    settings.SECOND_MODERATOR_REQUIRED = True
    channel = row_of("channel")
    others, third = (signed_in(staff("moderator", name)) for name in ("colleague", "third"))
    save(others, channel, checked="on", reason="Compared.")
    assert (channel.checked, channel.checked_by.username) == (True, "colleague")

    save(client, channel, address="12321 9", checked="on", reason="The centre moved.")
    assert (channel.address, channel.checked, channel.checked_by) == ("12321 9", False, None)
    entry = AuditEntry.objects.latest("pk")
    assert entry.after == {"slug": "cn-12321-sms", "address": "12321 9", "checked": False}
    answer = client.post(
        page_of(channel), fields_of(channel, checked="on", reason="I did."), follow=True
    )
    assert "Unchecked: somebody else has to check what you changed." in answer.content.decode()
    channel.refresh_from_db()
    assert not channel.checked

    # A colleague's later change does not make it another's: both have changed it.
    save(others, channel, note="By text message.", reason="A note.")
    for who, counts in ((client, False), (others, False), (third, True)):
        save(who, channel, checked="on", reason="Compared.")
        assert channel.checked is counts
    checked_at = channel.checked_at
    save(client, channel, rank="7", checked="on", reason="No other words.")
    assert (channel.checked, channel.checked_by.username) == (True, "third")
    assert channel.checked_at == checked_at


def test_without_a_reason_nothing_changes(client):
    channel = row_of("channel")
    answer = save(client, channel, address="12321 9")
    assert errors(answer) == {"reason": ["This field is required."]}
    assert channel.address == "12321"
    assert not AuditEntry.objects.exists()


def test_the_domain_asks_for_the_reason_too():
    channel = row_of("channel")
    before = said_by(channel)
    channel.address = "12321 9"
    with pytest.raises(ReasonMissing):
        record_edit(actor=member("moderator"), row=channel, before=before, reason=" ", now=NOW)
    assert not AuditEntry.objects.exists()


def test_saving_what_is_there_is_no_edit(client):
    assert save(client, row_of("authority"), reason="I only looked.").status_code == 302
    assert not AuditEntry.objects.exists()


def test_checking_says_who_and_when_and_unchecking_forgets(client):
    provision = row_of("provision")
    save(client, provision, checked="on", reason="Compared with the gazette.")
    assert (provision.checked, provision.checked_by.username) == (True, "moderator")
    assert provision.checked_at is not None
    fields = fields_of(provision, reason="It was another wording.")
    del fields["checked"]
    client.post(page_of(provision), fields)
    provision.refresh_from_db()
    assert (provision.checked, provision.checked_at, provision.checked_by) == (False, None, None)
    assert [entry.after["checked"] for entry in AuditEntry.objects.order_by("pk")] == [True, False]


def test_each_field_of_an_act_says_its_name(client):
    """The heads of a table's columns are no names for who hears the page."""
    page = client.get(page_of(row_of("provision"))).content.decode()
    fields = re.findall(
        r"<(?:input type=\"(?:text|number)\"|select|textarea) [^>]*acts-0-[^>]*>", page
    )
    named = dict(re.findall(r'name="acts-0-(\w+)"[^>]* aria-label="([^"]+)"', "".join(fields)))
    assert len(named) == len(fields) == 9
    assert (named["conduct"], named["wording"]) == ("Act", "Wording")


def test_the_acts_of_a_provision(client):
    provision = row_of("provision")
    answer = save(
        client,
        provision,
        article="第五十一条",
        reason="The gazette has it.",
        **{"acts-0-item": "第（九）项"},
    )
    assert answer.status_code == 302
    assert provision.acts.order_by("pk").first().item == "第（九）项"
    entry = AuditEntry.objects.get()
    assert sorted(entry.after) == ["acts", "article", "slug"]
    assert entry.after["acts"] != entry.before["acts"]


def test_a_new_authority(client):
    answer = client.post(
        reverse("admin:reputation_authority_add"),
        {
            **fields_of(row_of("authority"), slug="fr-33700", country="fr", name="33700"),
            "conduct": ["threats"],
            "categories": ["telemarketing", "robocall"],
            "reason": "France's number for spam.",
        },
    )
    assert answer.status_code == 302
    authority = Authority.objects.get(slug="fr-33700")
    assert (authority.country, authority.conduct) == ("FR", ["threats"])
    assert authority.categories == ["telemarketing", "robocall"]
    assert [each.slug for each in Authority.objects.of("FR")] == ["fr-33700", "lender"]
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.before) == ("add_authority", {"slug": "fr-33700"})


def test_what_was_edited_survives_loading_and_is_used(client):
    save(client, row_of("authority"), rank="99", reason="Answers too late.")
    assert load().kept == ["cn-12321"]
    assert [each.slug for each in Authority.objects.of("CN")][-1] == "cn-12321"


# --- What is refused ---


@pytest.mark.parametrize(
    ("kind", "changes", "field"),
    [
        ("channel", {"grammar": "{nummer}: {content}"}, "grammar"),
        ("template", {"subject": "{Number} {nummer}"}, "subject"),
        ("template", {"body": "{nobody}"}, "body"),
        ("template", {"language": "fr"}, "language"),
        ("authority", {"categories": ["spam"]}, "categories"),
        ("authority", {"conduct": ["rudeness"]}, "conduct"),
        ("authority", {"country": "C1"}, "__all__"),
        ("authority", {"source": ""}, "source"),
        ("provision", {"effective_to": "2025-12-31"}, "__all__"),
        ("template", {"country": "CN", "authority_kind": "police"}, "__all__"),
    ],
)
def test_edits_that_make_no_sense(client, kind, changes, field):
    row = row_of(kind)
    answer = save(client, row, reason="x", **changes)
    assert list(errors(answer)) == [field]
    assert not AuditEntry.objects.exists()


def test_the_name_in_addresses_stays(client):
    authority = row_of("authority")
    save(client, authority, slug="cn-other", rank="11", reason="x")
    assert (authority.slug, authority.rank) == ("cn-12321", 11)


@pytest.mark.parametrize("kind", KINDS)
def test_lists_cost_the_same_at_any_length(client, kind):
    page = reverse(f"admin:reputation_{kind}_changelist")
    client.get(page)
    counts = []
    for query in ({"q": ROWS[kind]}, {}):
        with CaptureQueriesContext(connection) as queries:
            client.get(page, query)
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("kind", KINDS)
def test_pages_speak_chinese(client, kind):
    chinese = {"HTTP_ACCEPT_LANGUAGE": "zh-CN"}
    listed = client.get(reverse(f"admin:reputation_{kind}_changelist"), **chinese)
    page = client.get(page_of(row_of(kind)), **chinese).content.decode()
    for word in ("已核对", "网址中的名称"):
        assert word in listed.content.decode()
        assert word in page
    for word in ("核对时间", "理由", "将与您的姓名一并记录在案。"):
        assert word in page


def test_the_acts_of_a_provision_are_told_in_words(client):
    shown = text(client.get(page_of(row_of("provision"))))
    assert "第（一）项" in shown
    assert "repeated intimidation" in shown
    assert "repeated_intimidation" not in shown


@pytest.mark.parametrize("kind", KINDS)
def test_yes_and_no_are_words(kind):
    """Django's icons for them are read aloud as True and False, in every language."""
    auditor = signed_in(member("auditor"))
    listed = auditor.get(reverse(f"admin:reputation_{kind}_changelist")).content.decode()
    page = auditor.get(page_of(row_of(kind))).content.decode()
    for shown in (listed, page):
        assert 'alt="True' not in shown
        assert 'alt="False' not in shown
        assert ">no<" in shown


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_fact_asks_for_days_in_the_readers_language_and_nobody_checked_it(client, kind):
    """Django's calendar speaks English beside Chinese, and of hours beside a day."""
    page = client.get(reverse(f"admin:reputation_{kind}_add")).content.decode()
    assert 'type="date" name="source_date"' in page
    assert "DateTimeShortcuts" not in page
    assert "None" not in page


@pytest.mark.parametrize("kind", KINDS)
def test_an_edit_on_a_page_that_another_edited_since_is_shown_before_it_is_replaced(kind):
    one, other, row = signed_in(member("moderator")), signed_in(member("senior")), row_of(kind)
    seen = one.get(page_of(row)).context["adminform"].form["seen"].value()
    save(other, row, source="Its letter of May", reason="It wrote to us.")
    mine = fields_of(row, source="Its page of June", reason="Its page says so.", seen=seen)
    late = one.post(page_of(row), mine)
    said = late.content.decode()
    assert "Edited since you opened this page, by senior" in said
    assert "Source (It wrote to us.)" in said
    assert "Its page of June" in said
    row.refresh_from_db()
    assert row.source == "Its letter of May"
    again = mine | {"seen": late.context["adminform"].form["seen"].value()}
    assert one.post(page_of(row), again).status_code == 302
    row.refresh_from_db()
    assert (row.source, AuditEntry.objects.count()) == ("Its page of June", 2)


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_posts_to_the_history_of_a_fact(client, kind):
    row = row_of(kind)
    history = reverse(f"admin:reputation_{kind}_history", args=[row.pk])
    assert client.post(history).status_code == 405
    assert client.get(history).status_code == 200


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_of_two_edits_at_the_same_moment_one_is_shown_to_the_other():
    clients, row = [signed_in(member(name)) for name in ("moderator", "senior")], row_of("channel")
    forms = [fields_of(row, source=name, reason="Its page.", seen=0) for name in ("one", "two")]
    acts = [partial(client.post, page_of(row), form)
            for client, form in zip(clients, forms, strict=True)]  # fmt: skip
    assert sorted(answer.status_code for answer in together(*acts)) == [200, 302]
    assert AuditEntry.objects.count() == 1
