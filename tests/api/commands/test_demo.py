import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client, override_settings
from pytest_django import DjangoDbBlocker, Settings

from api.models import SCOPES, ApiKey
from reputation import demo
from reputation.models import ImportedComplaint, Number, Report, Reporter
from tests.given.clock import Clock

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


QUICK = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="module")
def out(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """What a first run prints. It is run once: each test rolls back to what it left."""
    ours = override_settings(
        FICTIONAL_NUMBERS=True,
        PUBLIC_URL="http://ringscore.test",
        ALLOWED_HOSTS=["testserver"],
        PASSWORD_HASHERS=QUICK,
    )
    with django_db_blocker.unblock(), transaction.atomic(), ours:
        yield run()
        transaction.set_rollback(True)


def run() -> str:
    out = io.StringIO()
    call_command("demo", stdout=out)
    return out.getvalue()


def counts() -> list[int]:
    models = (Number, Report, Reporter, ImportedComplaint, ApiKey, User)
    return [model._default_manager.count() for model in models]


def test_its_output_from_beginning_to_end(out: str):
    out = re.sub(r"rsk_\w{8}_\w{43}", "rsk_…", out)
    out = re.sub(r"(demo-\w+ +)[\w-]{16} ", r"\1… ", out)
    out = re.sub(r"(allow|flag|block) +\d+ ", r"\1 … ", out)
    assert out == (
        "The demo's world, all on numbers reserved for fiction:\n\n"
        "  block …  listed      +1 202-555-0101      a loan scam that a moderator confirmed\n"
        "  block …  listed      +1 202-555-0102      a fake fraud desk that a moderator confirmed\n"
        "  allow …  clear       +44 20 7946 0201     a clinic that careless people reported and a "
        "moderator cleared\n"
        "  flag …  listed      +33 1 99 00 17 01    debt collectors: three people with a record, "
        "and new ones\n"
        "  flag …  listed      +49 30 23125701      a telemarketer that people disagree about\n"
        "  allow …  clear       +44 20 7946 0202     a bakery that ten fresh accounts attack and "
        "three customers vouch for\n"
        "  allow …  official    +61 2 5550 1301      a bank's official number: reports alone never "
        "flag it\n"
        "  allow …  spoofed     +44 20 7946 0203     somebody's own number that spammers show as "
        "theirs\n"
        "  flag …  disputed    +44 20 7946 0204     a debt office that a moderator confirmed; its "
        "holder disputes that\n"
        "  allow …  reassigned  +46 8 465 004 01     a scammer's former number: its new holder "
        "starts anew\n"
        "  allow …  clear       +1 202-555-0103      one fresh account's word, which flags "
        "nothing\n"
        "  allow …  clear       +1 202-555-0104      the same: report it yourself\n"
        "  allow …  unknown     +1 202-555-0199      nobody has reported it\n"
        "\n"
        "Minutes from now the worker counts all reports together, as the command `trust` does, "
        "and may flag or block more of these.\n"
        "\n"
        "83 reports, and 466 complaints that the US FTC published in 2021 (29 rows could not be "
        "used). Those are about real numbers, unverified, and too old to weigh anything today: "
        "look up +13152328257, with 42 complaints.\n"
        "\n"
        "Sign in at http://ringscore.test/admin/ (shown only now):\n"
        "  demo-admin      …   may do everything\n"
        "  demo-moderator  …   decides, as the role moderator may\n"
        "\n"
        "Look up, report, look again; one report lifts this number from allow to flag:\n"
        "  key=rsk_…   # shown only now\n"
        '  curl -s -H "Authorization: Bearer $key" http://ringscore.test/v1/numbers/+12025550104\n'
        '  curl -s -H "Authorization: Bearer $key" -H "Content-Type: application/json" '
        '-d \'{"number":"+12025550104","category":"loan_scam"}\' http://ringscore.test/v1/reports\n'
        '  curl -s -H "Authorization: Bearer $key" http://ringscore.test/v1/numbers/+12025550104\n'
    )


def test_the_three_lines_do_what_they_promise(out: str, clock: Clock):
    clock.now = datetime.now(UTC)  # as the demo's world was made
    token = re.search(r"key=(rsk_\S+)", out)[1]
    client = Client(headers={"Authorization": f"Bearer {token}"})
    before = client.get(f"/v1/numbers/{demo.EDGE}").json()
    filed = client.post("/v1/reports", demo.EXAMPLE, content_type="application/json")
    after = client.get(f"/v1/numbers/{demo.EDGE}").json()
    assert filed.status_code == 201
    assert (before["action"], after["action"]) == ("allow", "flag")
    assert before["score"] < after["score"] == filed.json()["score"]


def test_the_most_complained_about_number_is_accused_of_nothing(out: str):
    answer = Client().get("/v1/numbers/+13152328257").json()
    assert (answer["action"], answer["score"], answer["confidence"], answer["status"]) == (
        "allow",
        0,
        0.0,
        "unknown",
    )
    assert (answer["reports"], answer["reporters"]) == (42, 0)
    assert answer["last_reported_at"].startswith("2021-07-0")


def test_who_can_sign_in(out: str):
    passwords = dict(re.findall(r"(demo-\w+) +(\S{16}) ", out))
    assert set(passwords) == {"demo-admin", "demo-moderator"}
    admin, moderator = (
        authenticate(username=name, password=password) for name, password in passwords.items()
    )
    assert (admin.is_superuser, admin.is_staff) == (True, True)
    assert (moderator.is_superuser, moderator.is_staff) == (False, True)
    client = Client()
    client.force_login(moderator)
    for model, status in (("number", 200), ("report", 200), ("reporter", 200), ("auditentry", 200)):
        assert client.get(f"/admin/reputation/{model}/").status_code == status, model
    assert client.get("/admin/auth/user/").status_code == 403
    flagged = Number.objects.filter(action="flag")[0]
    page = client.get(f"/admin/reputation/number/{flagged.pk}/change/").content.decode()
    assert "Confirm as unwanted" in page


def test_the_key_has_a_record(out: str):
    key = ApiKey.objects.get()
    assert (key.name, key.scopes, key.region, key.expires_at) == (
        "demo",
        sorted(SCOPES),
        "US",
        None,
    )
    assert key.reporter.tp >= 2.0


def test_a_second_run_adds_nothing_and_says_how_to_go_on(out: str):
    before = counts()
    passwords = list(User.objects.order_by("pk").values_list("password", flat=True))
    again = run()
    assert again.startswith(
        "The demo is here already; nothing was added. Its passwords and its key were shown once "
        "and are stored only as hashes. For new ones:\n"
    )
    assert " manage.py changepassword demo-admin\n" in again
    assert (
        " manage.py create_key mine --scopes lookup,report,bulk,feed,intake,compat --region US\n"
        in again
    )
    assert counts() == before
    assert list(User.objects.order_by("pk").values_list("password", flat=True)) == passwords


def test_not_where_fictional_numbers_are_refused(out: str, settings: Settings):
    settings.FICTIONAL_NUMBERS = False
    before = counts()
    with pytest.raises(CommandError) as caught:
        run()
    assert str(caught.value) == (
        "The demo reports fictional numbers only, and they are not allowed here. Set "
        "FICTIONAL_NUMBERS=1, but never on a server that people rely on."
    )
    assert counts() == before
