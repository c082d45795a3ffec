"""The frame of the panel's pages: the menu by task, and keys that mean one thing."""

import re
from collections import defaultdict
from pathlib import Path

import pytest
from django.contrib.auth.models import User

from reputation.admin.decisions import DECISIONS
from reputation.admin.keys import KEYS
from reputation.admin.site import MENU
from reputation.complaints.seeding import load
from reputation.models import AuditEntry, Channel, Number, Provision
from reputation.moderation import confirm_number
from reputation.moderation.roles import AUDITOR, MODERATOR, SENIOR
from tests.given.reporters import NOW, SCAMMER, newcomer, say
from tests.given.staff import as_role, signed_in, staff, text

TEMPLATES = Path(__file__).parents[3] / "reputation" / "templates"
WRITTEN = re.compile(r'data-key="([^"{]+)"')
# Decisions that are the two sides of one meaning, or the same about another subject.
SAME = [
    {"merge_report", "join_campaign"},
    {"confirm_number", "confirm_campaign", "reject_dispute", "accept_numbers_file", "grant_key"},
    {"clear_number", "release_campaign", "uphold_dispute", "decline_numbers_file", "refuse_key"},
    {"mark_spoofed", "unmark_spoofed"},
    {"mark_official", "unmark_official"},
    {"mark_never_calling", "unmark_never_calling"},
    {"pin_number", "change_key"},
    {"unpin_number", "unlink_reporter", "end_key"},
    {"hide_report", "unhide_report"},
    {"block_reporter", "unblock_reporter"},
    {"unmask_report", "reveal_contact"},
    {"hold_number", "hold_dispute"},
]


def test_a_key_means_one_thing_everywhere():
    verbs = defaultdict(set)
    for decisions in DECISIONS.values():
        for decision in decisions.values():
            verbs[decision.key].add(decision.verb)
    for key, same in verbs.items():
        assert key in KEYS, same
        assert len(same) == 1 or same in SAME, key
    pages = [page.read_text() for page in TEMPLATES.rglob("*.html")]
    on_buttons = {key for page in pages for key in WRITTEN.findall(page)}
    assert on_buttons <= KEYS.keys()
    assert on_buttons & verbs.keys() == set()


@pytest.mark.django_db
def test_the_menu_is_by_task_and_shows_the_keys():
    page = as_role(MODERATOR).get("/admin/reputation/number/")
    menu = [str(task["name"]) for task in page.context["available_apps"]]
    assert menu == [str(task) for task, _ in MENU if task != "Server"]
    assert page.context["title"] == "Numbers"
    said = text(page)
    for words in ("Queue", "Search", "Records", "? Keys", "Clear: the calls are wanted"):
        assert words in said
    assert "Reputation" not in said
    team = as_role(AUDITOR).get("/admin/auth/user/")
    assert team.context["title"] == "Accounts"
    assert str(team.context["available_apps"][-1]["models"][0]["name"]) == "Accounts"


@pytest.mark.django_db
def test_breadcrumbs_and_titles_name_things_as_people_do():
    """By number, name and title; no id, no raw verb, no slug."""
    report = say(newcomer("li"), "threat", at=NOW).report
    confirm_number(
        actor=staff(SENIOR, "anna"), identity=SCAMMER, reason="They wanted a fee.", now=NOW
    )
    load()
    entry = AuditEntry.objects.get(verb="confirm_number")
    provision = Provision.objects.get(slug="cn-psapl-42")
    channel = Channel.objects.get(slug="tw-police-110")
    client = as_role(MODERATOR)
    law = "Public Security Administration Punishments Law of the PRC"
    shown = {
        f"number/{report.number_id}": "+86 138 1234 5678",
        f"report/{report.pk}": "+86 138 1234 5678",
        f"auditentry/{entry.pk}": f"Confirm as unwanted · {NOW:%Y-%m-%d %H:%M}",
        f"authority/{channel.authority_id}": "Police (110, or the station near you)",
        f"channel/{channel.pk}": "Police (110, or the station near you) · telephone",
        f"statute/{provision.statute_id}": law,
        f"provision/{provision.pk}": f"{law} 第四十二条",
    }
    for where, name in shown.items():
        page = client.get(f"/admin/reputation/{where}/change/").content.decode()
        assert f'<li aria-current="page">{name}</li></ol>' in page, where
        assert f"<title>{name} | " in page, where


@pytest.mark.django_db
def test_what_describes_a_field_is_read_with_it():
    say(newcomer("a"))
    boss = signed_in(User.objects.create_superuser("boss"))
    for page in (
        f"reputation/number/{Number.objects.get().pk}/decide/clear_number/",
        "reputation/officialnumber/import/",
        "auth/user/add/",
        "desk/",
    ):
        shown = boss.get(f"/admin/{page}").content.decode()
        described = set(" ".join(re.findall(r'aria-describedby="([^"]+)"', shown)).split())
        assert described, page
        assert described <= set(re.findall(r' id="([^"]+)"', shown)), page
