"""manage.py vouch: a moderator vouches for the reporter behind a key."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from api.keys import create_key
from reputation.models import AuditEntry, Reporter
from tests.given.reporters import moderator

pytestmark = pytest.mark.django_db


@pytest.fixture
def prefix() -> str:
    judge = moderator("ann")
    judge.is_staff = True
    judge.save()
    key, _ = create_key(name="advice centre", scopes=["report"], now=timezone.now())
    return key.prefix


def run(*args: str) -> str:
    out = io.StringIO()
    call_command("vouch", *args, stdout=out)
    return out.getvalue()


def test_vouching_begins_and_ends_once(prefix):
    given = (prefix, "--moderator", "ann", "--reason", "known for years")
    assert run(*given) == "ann vouches for 'advice centre' now.\n"
    assert Reporter.objects.get().vouched_at is not None
    assert run(*given) == "Nothing changed: it was so already.\n"
    assert run(*given, "--stop") == "No moderator vouches for 'advice centre' now.\n"
    assert Reporter.objects.get().vouched_at is None
    assert AuditEntry.objects.count() == 2


@pytest.mark.parametrize("written", ["rsk_{}", "rsk_{}_and-the-secret", "rsk_{}…"])
def test_a_key_may_be_named_by_more_than_its_prefix(prefix, written):
    args = (written.format(prefix), "--moderator", "ann", "--reason", "known for years")
    assert run(*args) == "ann vouches for 'advice centre' now.\n"


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("nosuchky", "--moderator", "ann", "--reason", "x"), r"There is no key rsk_nosuchky…\.$"),
        (("nosuch", "--moderator", "ann", "--reason", "x"), "nosuch is no prefix: pass the eight"),
        (("", "--moderator", "bob", "--reason", "x"), "user name of an open account of the"),
        (("", "--moderator", "ann", "--reason", " "), "--reason: Give the reason"),
    ],
)
def test_who_is_unknown_or_gives_no_reason_changes_nothing(prefix, args, message):
    with pytest.raises(CommandError, match=message):
        run(args[0] or prefix, *args[1:])
    assert Reporter.objects.get().vouched_at is None
