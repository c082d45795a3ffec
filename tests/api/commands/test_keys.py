import io
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from api import callers, lookup
from api.models import ApiKey
from reputation.models import Reporter

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command(*arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def opens(token: str) -> bool:
    """Whether the key is let in, as a request would be."""
    reply = lookup.reply(
        {"HTTP_AUTHORIZATION": f"Bearer {token}"}, "+4930901820", now=timezone.now()
    )
    return reply.status == 200


def test_standard_output_is_the_key_and_nothing_else():
    out, err = run("create_key", "Alice's PBX")
    token = out.removesuffix("\n")
    assert callers.PATTERN.fullmatch(token)
    assert f"{len(token)} characters" in callers.NO_KEY
    assert opens(token)
    key = ApiKey.objects.get()
    assert err == (
        'The key of "Alice\'s PBX" may lookup, report, until it is revoked. It is not stored and '
        f"cannot be shown again. To revoke it: manage.py revoke_key {key.prefix}\n"
    )
    assert token not in err
    assert token.startswith(f"rsk_{key.prefix}_")
    assert (key.name, key.scopes, key.region, key.expires_at, key.revoked_at) == (
        "Alice's PBX",
        ["lookup", "report"],
        "",
        None,
        None,
    )
    reporter = Reporter.objects.get()
    assert (reporter.kind, reporter.handle, key.reporter_id) == ("key", key.prefix, reporter.pk)


def test_all_that_can_be_asked_for():
    before = timezone.now()
    _, err = run(
        "create_key", " a ", "--scopes", "feed, lookup,,feed", "--region", "cn", "--expires-days=30"
    )
    key = ApiKey.objects.get()
    assert (key.name, key.scopes, key.region) == ("a", ["feed", "lookup"], "CN")
    assert not key.verifies_attestation
    assert key.expires_at is not None
    assert before + timedelta(days=30) <= key.expires_at <= timezone.now() + timedelta(days=30)
    assert f" may feed, lookup, until {key.expires_at:%F}. " in err


def test_the_key_of_a_carrier():
    run("create_key", "carrier", "--scopes", "report", "--verifies-attestation")
    assert ApiKey.objects.get().verifies_attestation


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([""], "The name is empty: say whose key it is."),
        ([" "], "The name is empty: say whose key it is."),
        (
            ["a", "--scopes", "lookup,admin"],
            "--scopes lookup,admin: Unknown scopes ['admin']. Choose from: lookup, report, bulk, "
            "feed, intake, compat.",
        ),
        (
            ["a", "--scopes", ","],
            "--scopes ,: No scope is named. Choose from: lookup, report, bulk, feed, intake, "
            "compat.",
        ),
        (["a", "--region", "XX"], "--region XX: pass an ISO 3166 code, such as CN or GB."),
        (["a", "--region", "China"], "--region China: pass an ISO 3166 code, such as CN or GB."),
        (["a", "--expires-days", "0"], "--expires-days 0: pass 1 to 36500 days."),
        (["a", "--expires-days", "99999"], "--expires-days 99999: pass 1 to 36500 days."),
    ],
)
def test_what_makes_no_key(arguments: list[str], message: str):
    with pytest.raises(CommandError) as caught:
        run("create_key", *arguments)
    assert str(caught.value) == message
    assert not ApiKey.objects.exists()
    assert not Reporter.objects.exists()


@pytest.mark.parametrize(
    "written", ["{prefix}", "rsk_{prefix}", "rsk_{prefix}…", "{token}", " {prefix} "]
)
def test_a_revoked_key_opens_nothing(written: str):
    token = run("create_key", "Bob")[0].strip()
    kept = run("create_key", "Carol")[0].strip()
    prefix = token.split("_")[1]
    assert run("revoke_key", written.format(prefix=prefix, token=token)) == (
        "The key of 'Bob' is revoked.\n",
        "",
    )
    assert (opens(token), opens(kept)) == (False, True)


def test_revoking_twice_keeps_the_first_moment():
    prefix = run("create_key", "Bob")[0].split("_")[1]
    moment = datetime(2026, 11, 1, tzinfo=UTC)
    ApiKey.objects.update(revoked_at=moment)
    assert run("revoke_key", prefix) == (
        "The key of 'Bob' was revoked on 2026-11-01 already.\n",
        "",
    )
    assert ApiKey.objects.get().revoked_at == moment


@pytest.mark.parametrize(
    ("prefix", "message"),
    [
        ("abcdefgh", "There is no key rsk_abcdefgh…."),
        ("abc", "abc is no prefix: pass the eight characters after rsk_."),
        ("Bob", "Bob is no prefix: pass the eight characters after rsk_."),
        ("", " is no prefix: pass the eight characters after rsk_."),
    ],
)
def test_what_cannot_be_revoked(prefix: str, message: str):
    run("create_key", "Bob")
    with pytest.raises(CommandError) as caught:
        run("revoke_key", prefix)
    assert str(caught.value) == message
    assert ApiKey.objects.get().revoked_at is None
