"""Nobody can tell a canary from another number: the same world, with one or the other seeded."""

import re
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client

from api.keys import create_key
from api.models import SCOPES
from reputation.counting import canaries, trust_pass
from reputation.identity import display, identify
from reputation.models import AuditEntry, Reporter
from reputation.moderation import clear_number, confirm_number, figures, queue
from tests.given.api_requests import NOW
from tests.given.reporters import BAKERY, DAY, SCAMMER, moderator, newcomer, say, veteran
from tests.given.staff import member, signed_in, text

pytestmark = pytest.mark.django_db

TWINS = ("+8613812345671", "+8613812345672")


def world() -> tuple[Client, Client]:
    """Liars and a praiser who say the same of both twins, beside an ordinary day's reports. Returns
    who may see everything in the panel, and who may ask everything of the API."""
    one, other = (identify(number) for number in TWINS)
    liars = [newcomer(f"liar{n}") for n in range(3)]
    honest = [veteran(f"honest{n}") for n in range(4)]
    Reporter.objects.update(created_at=NOW - 300 * DAY)
    for n, each in enumerate((*liars, honest[0])):
        for number in (one, other, SCAMMER) if each in honest else (one, other):
            say(each, number=number, at=NOW - (20 - 3 * n) * DAY, comment="Again.")
    for number in (one, other):
        say(honest[1], "legitimate", number, at=NOW - 3 * DAY)
    for n, each in enumerate(honest[1:]):
        say(each, at=NOW - (9 - n) * DAY)
    say(honest[3], number=BAKERY, at=NOW - 9 * DAY)
    judge = moderator("judge")
    # Somebody who was right so often that one mistake does not find her out: audits ask about her.
    mistaken = Reporter.objects.create(kind="person", handle="m", created_at=NOW - 300 * DAY)
    for place in range(4):
        scam = identify(f"+861381234568{place}")
        for n, each in enumerate((honest[2], mistaken)):
            say(each, number=scam, at=NOW - (30 - n) * DAY)
        confirm_number(actor=judge, identity=scam, reason="heard it", now=NOW - 9 * DAY)
    for number in (one, other):
        say(mistaken, number=number, at=NOW - 2 * DAY)
    confirm_number(actor=judge, identity=SCAMMER, reason="heard it", now=NOW - DAY)
    clear_number(actor=judge, identity=BAKERY, reason="we called", now=NOW - DAY)
    key, token = create_key(name="k", scopes=list(SCOPES), region="CN", now=NOW - 30 * DAY)
    say(key.reporter, number=one, at=NOW - DAY)
    say(key.reporter, number=other, at=NOW - DAY)
    return signed_in(member("boss")), Client(headers={"Authorization": f"Bearer {token}"})


def seen(boss: Client, key: Client) -> Iterator[tuple[str, str]]:
    """Every page and answer there is to see, by its address."""
    for model in admin.site._registry:
        place = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        page = boss.get(place)
        yield place, text(page)
        for row in re.findall(rf'href="{place}(\d+)/change/', page.content.decode()):
            shown = text(boss.get(f"{place}{row}/change/"))
            # The order of a sum moves its last digits, whichever of the twins is the canary.
            yield f"{place}{row}", re.sub(r"(\d+\.\d{6})\d+", r"\1", shown)
    for kind in ("audit", "number", "reporter"):
        yield kind, text(boss.get("/admin/reputation/queueitem/", {"kind": kind}))
    yield "/admin/", text(boss.get("/admin/"))
    about = (
        "/v1/numbers/{}",
        "/v1/numbers/{}/reports",
        "/compat/cidlookup/{}",
        "/phoneblock/api/num/{}",
    )
    asked = " ".join(path.format(f"%2B{number[1:]}") for path in about for number in TWINS)
    asked += " /v1/me /v1/reports /v1/feeds /v1/feeds/numbers/changes /v1/ranges/%2B861381234567 "
    asked += "/phoneblock/api/blocklist /phoneblock/api/blacklist"
    for path in asked.split():
        answer = key.get(path)
        body = b"".join(answer) if answer.streaming else answer.content
        left = re.sub(r'"remaining":\d+', '"remaining":0', body.decode())  # falls with each request
        yield path, f"{answer.status_code} {left}"
    both = key.post("/v1/numbers/lookup", {"numbers": TWINS}, content_type="application/json")
    yield "/v1/numbers/lookup", both.content.decode()


def seed(number: str, *, remove: bool = False) -> None:
    lines = iter(["number,reason", f"{number},ours"])
    assert [row.changed for row in canaries.store(lines, region="", remove=remove)] == [True]


def with_canary(number: str, boss: Client, key: Client) -> dict[str, str]:
    seed(number)
    trust_pass.learn_trust()
    while trust_pass.reweigh(now=NOW).numbers:
        pass
    queue.refresh(now=NOW)
    figures.count_up(now=NOW)
    assert Reporter.objects.get(handle="liar0").fp >= 3.0
    pages = dict(seen(boss, key))
    seed(number, remove=True)
    return pages


@pytest.mark.slow
def test_pages_answers_lists_and_feeds_are_the_same_whichever_number_is_the_canary():
    boss, key = world()
    entries = AuditEntry.objects.count()
    one, other = (with_canary(number, boss, key) for number in TWINS)
    assert len(one) > 40
    shown = [form for number in TWINS for form in (number[1:], display(number))]
    assert sum(form in page for form in shown for page in one.values()) > 20
    assert all(display(number) in one["audit"] for number in TWINS)
    assert one.keys() == other.keys()
    for where, page in one.items():
        assert page == other[where], where
        assert "canar" not in page.lower(), where
    assert AuditEntry.objects.count() == entries


def test_there_is_no_page_of_canaries_and_no_permission_to_one():
    boss = signed_in(member("boss"))
    model = apps.get_model("reputation", "canary")
    assert model not in admin.site._registry
    assert boss.get("/admin/reputation/canary/").status_code == 404
    assert not Permission.objects.filter(content_type__model="canary").exists()
    with connection.cursor() as cursor:
        constraints = connection.introspection.get_constraints(cursor, model._meta.db_table)
    assert not any(each["foreign_key"] for each in constraints.values())
