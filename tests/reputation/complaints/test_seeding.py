"""Authorities, channels, statutes and templates: data files → rows → the choice of an authority."""

import json
import re
from datetime import date

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from reputation.complaints.seeding import DATA, load
from reputation.complaints.wording import unknown_placeholders
from reputation.complaints.words import LANGUAGE_OF
from reputation.models import Authority, Channel, Provision, ProvisionAct, Report, Statute, Template
from reputation.scoring.categories import CATEGORIES
from tests.given.authorities import load_authorities
from tests.given.reporters import NOW

pytestmark = pytest.mark.django_db

FILES = [json.loads(path.read_text()) for path in sorted(DATA.glob("*.json"))]


def rows(*path: str) -> list[dict]:
    """The entries of all files at a path: authorities, or channels of authorities."""
    found = FILES
    for name in path:
        found = [entry for each in found for entry in each.get(name, [])]
    return found


# --- The files as reviewed ---


@pytest.mark.parametrize(
    "text",
    [channel.get("grammar", "") for channel in rows("authorities", "channels")]
    + [part for template in rows("templates") for part in (template["subject"], template["body"])],
)
def test_every_placeholder_stands_for_something(text):
    assert unknown_placeholders(text) == []


def test_the_vocabulary_is_ours():
    for authority in rows("authorities"):
        assert set(authority.get("categories", [])) <= set(CATEGORIES)
        assert set(authority.get("conduct", [])) <= set(Report.Conduct.values)
    for act in rows("statutes", "provisions", "acts"):
        assert act["conduct"] in [*Report.Conduct.values, *ProvisionAct.Pattern.values]


def test_nothing_is_checked_that_nobody_checked():
    """Files cannot claim it: `checked` is what a moderator says, by name and day."""
    for each in rows("authorities") + rows("authorities", "channels") + rows("statutes"):
        assert "checked" not in each
        assert each["source"]


def test_nobody_is_sent_to_a_page_that_could_be_anybodys():
    """Neither shortened nor unencrypted: whoever is being defrauded must not learn to open such."""
    pages = [each for each in rows("authorities", "channels") if each["kind"] == "web"]
    addresses = [each["address"] for each in pages if each.get("address")]
    assert len(addresses) > 10
    for address in addresses:
        assert address.startswith("https://")


def test_chinese_is_chinese_and_has_its_own_punctuation():
    for each in rows("authorities") + rows("authorities", "channels"):
        for name in ("name_zh", "takes_zh", "note_zh"):
            if each.get(name):
                assert any("一" <= char <= "鿿" for char in each[name]), each
                assert not set(each[name]) & set(",;()"), each[name]


# --- Loading ---


def test_loading_once_and_again():
    loaded = load()
    assert len(loaded.created) == sum(
        len(rows(*path))
        for path in [
            ("authorities",),
            ("authorities", "channels"),
            ("statutes",),
            ("statutes", "provisions"),
            ("templates",),
        ]
    )
    again = load()
    assert (again.created, again.updated, again.kept) == ([], [], [])
    assert not Authority.objects.filter(checked=True).exists()


def folder_with(tmp_path, **changes):
    """A folder of seeds with 12321 and one provision, changed."""
    authority = next(each for each in rows("authorities") if each["slug"] == "cn-12321")
    statute = next(each for each in rows("statutes") if each["slug"] == "cn-psapl")
    (tmp_path / "x.json").write_text(
        json.dumps({"authorities": [authority | changes], "statutes": [statute]})
    )
    return tmp_path


def test_a_newer_file_replaces_what_nobody_edited(tmp_path):
    load()
    Authority.objects.filter(slug="cn-12321").update(checked=True, checked_at=NOW)
    loaded = load(folder_with(tmp_path, takes="Calls.", source="A letter", rank=5))
    assert (loaded.created, loaded.updated, loaded.kept) == ([], ["cn-12321"], [])
    authority = Authority.objects.get(slug="cn-12321")
    assert (authority.takes, authority.rank, authority.source) == ("Calls.", 5, "A letter")
    # Somebody checked the old wording, not this one.
    assert (authority.checked, authority.checked_at) == (False, None)
    assert authority.channels.count() == 5
    assert load(tmp_path).updated == []


def test_what_a_moderator_edited_stays(tmp_path, capsys):
    load()
    Authority.objects.filter(slug="cn-12321").update(takes="Edited here.")
    Provision.objects.get(slug="cn-psapl-2026").acts.filter(conduct="threats").update(item="(1)")
    loaded = load(folder_with(tmp_path, takes="Calls."))
    assert (loaded.updated, loaded.kept) == ([], ["cn-12321", "cn-psapl-2026"])
    assert Authority.objects.get(slug="cn-12321").takes == "Edited here."
    call_command("load_authorities")
    assert capsys.readouterr().out == (
        "0 created, 0 updated, 2 kept as edited here.\n"
        "  edited here: cn-12321\n"
        "  edited here: cn-psapl-2026\n"
    )


def test_one_bad_file_loads_nothing(tmp_path):
    folder_with(tmp_path, kind="court")
    with pytest.raises(IntegrityError, match="authority_kind_known") as caught:
        load(tmp_path)
    assert "'cn-12321'" in caught.value.__notes__[0]
    assert not Authority.objects.exists()
    assert not Statute.objects.exists()


# --- Reading ---


@pytest.mark.parametrize(
    ("country", "slugs"),
    [
        (
            "CN",
            "cn-12321 cn-police cn-12378 cn-12363 cn-nifa cn-local-finance cn-mobile cn-unicom "
            "cn-telecom lender",
        ),
        ("us", "us-ftc-dnc us-cfpb us-ftc-fraud us-fcc us-state-ag us-carrier us-police lender"),
        ("DE", "de-bnetza de-police de-bafin lender"),
        ("TW", "tw-165 tw-police tw-fsc tw-consumer lender"),
        ("HK", "hk-adcc hk-police hk-hkma hk-pcpd lender"),
        ("GB", "gb-report-fraud gb-police gb-ico gb-ofcom gb-fos lender"),
        ("IN", "in-sachet in-rbi-ombudsman in-cybercrime in-police in-chakshu in-1909 lender"),
        ("ID", "id-ojk id-police lender"),
        ("KE", "ke-cbk ke-police ke-odpc lender"),
        ("MX", "mx-redeco mx-profeco mx-police lender"),
        ("MY", "my-nsrc my-police my-mcmc lender"),
        ("NG", "ng-fccpc ng-police ng-ndpc lender"),
        ("PH", "ph-sec ph-iarc ph-police ph-npc lender"),
        ("SG", "sg-police sg-x-ah-long sg-scamshield lender"),
        ("FR", "lender"),
    ],
)
def test_where_somebody_may_complain(country, slugs):
    load_authorities()
    assert [each.slug for each in Authority.objects.of(country)] == slugs.split()


def test_who_takes_what():
    load_authorities()
    china = Authority.objects.of("CN")
    nuisance = [each.slug for each in china.for_categories(["survey"])]
    assert nuisance == ["cn-12321", "cn-police", "cn-mobile", "cn-unicom", "cn-telecom"]
    assert "us-police" not in [
        each.slug for each in Authority.objects.of("US").for_conduct("insult_or_defamation")
    ]
    Authority.objects.filter(slug="cn-police").update(active=False)
    assert "cn-police" not in [each.slug for each in china]


def test_letters_in_another_language_begin_with_a_name():
    """The list's labels say more: "Police (110, or the station where you live)"."""
    load_authorities()
    for authority in Authority.objects.exclude(country=""):
        for language in {"en", "zh-hans"} - {LANGUAGE_OF.get(authority.country, "en")}:
            addressee = authority.addressee_in(language)
            assert not re.search("[,:，：]", addressee), (authority.slug, addressee)


def test_names_in_the_readers_language():
    load_authorities()
    authority = Authority.objects.get(slug="cn-nifa")
    assert authority.name_in("zh-hans") == "中国互联网金融协会 互联网金融举报信息平台"
    assert authority.name_in("en") == (
        "NIFA, National Internet Finance Association: reporting platform"
    )
    assert authority.takes_in("zh-hans") == "网络借贷等互联网金融从业机构及其催收行为。"
    channel = Channel.objects.get(slug="cn-police-110")
    assert (channel.note_in("zh-hans"), channel.note_in("en")) == (
        "用于紧急情况。",
        "For danger now.",
    )


# --- What the database itself refuses ---


@pytest.mark.parametrize(
    ("model", "slug", "change", "constraint"),
    [
        (Authority, "cn-12321", {"source": ""}, "authority_has_source"),
        (Authority, "cn-12321", {"country": "cn"}, "authority_country_is_code"),
        (Authority, "cn-12321", {"kind": "court"}, "authority_kind_known"),
        (Authority, "cn-12321", {"checked": True}, "authority_checked_at_a_time"),
        (Channel, "cn-12321-sms", {"kind": "fax"}, "channel_kind_known"),
        (Channel, "cn-12321-sms", {"source": ""}, "channel_has_source"),
        (Channel, "cn-12321-sms", {"checked_at": NOW}, "channel_checked_at_a_time"),
        (Statute, "cn-psapl", {"country": "c"}, "statute_country_is_code"),
        (
            Provision,
            "cn-psapl-42",
            {"effective_to": date(2006, 2, 28)},
            "provision_ends_after_it_begins",
        ),
        (Template, "letter-zh", {"kind": "fax"}, "template_kind_known"),
        (
            Template,
            "letter-zh",
            {"authority_kind": "police", "country": "CN"},
            "template_one_for_each_case",
        ),
    ],
)
def test_the_database_refuses_facts_that_cannot_be(model, slug, change, constraint):
    load_authorities()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        model.objects.filter(slug=slug).update(**change)
