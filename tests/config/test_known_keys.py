"""A wrong key is noticed, and a new sealing key takes over a filled database while it serves."""

import io

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection
from pytest_django import Settings

from config import known_keys
from reputation.disputes import contact_of
from reputation.disputes.histories import seal_contact
from reputation.intake.keeping import content_of, reply_of
from reputation.models import Dispute, IntakeMessage, KeyMark
from reputation.privacy import SealBroken
from tests.given.disputes import a_dispute
from tests.given.messages import SCAM, text
from tests.given.reporters import moderator, reported

pytestmark = pytest.mark.django_db
NEW = "n" * 50


def keys(*options: str) -> str:
    out = io.StringIO()
    call_command("keys", *options, stdout=out)
    return out.getvalue()


def test_other_keys_than_those_that_wrote_the_database_are_refused(settings: Settings):
    known_keys.check()
    known_keys.check()
    old, [sealing] = settings.PSEUDONYM_KEY, settings.SEALING_KEYS
    settings.PSEUDONYM_KEY = NEW
    with pytest.raises(known_keys.WrongKey, match="PSEUDONYM_KEY and PSEUDONYM_LATER_KEYS are"):
        known_keys.check()
    settings.PSEUDONYM_KEY, settings.SEALING_KEYS = old, [NEW]
    with pytest.raises(CommandError, match=r"SEALING_KEYS lacks the key [0-9a-f]{8},"):
        keys()
    settings.SEALING_KEYS = [NEW, sealing]
    assert keys().count("sealing") == 2
    settings.PSEUDONYM_KEY = settings.SEALING_KEYS[0] = "m" * 50
    assert keys("--accept").count("sealing") == 2
    known_keys.check()
    assert KeyMark.objects.filter(purpose="pseudonym").count() == 1


def test_a_database_that_is_away_stops_no_start():
    def away(*_: object) -> None:
        raise DatabaseError

    with connection.execute_wrapper(away):
        known_keys.check()
    known_keys.check()


def test_a_filled_database_is_sealed_anew(settings: Settings):
    known_keys.check()
    [old] = settings.SEALING_KEYS
    text(f"{SCAM} called me")
    reported()
    dispute = a_dispute()
    seal_contact(dispute, "anna@example.org")
    dispute.save()
    adapter = get_adapter()
    user = moderator()
    totp = Authenticator.objects.create(
        user=user, type="totp", data={"secret": adapter.encrypt("JBSWY3DP")}
    )
    codes = Authenticator.objects.create(
        user=user,
        type="recovery_codes",
        data={"used_mask": 3, "migrated_codes": [adapter.encrypt("12345678")]},
    )

    def all_opens() -> bool:
        message = IntakeMessage.objects.get()
        for each in (totp, codes):
            each.refresh_from_db()
        return (
            SCAM in content_of(message).text
            and SCAM[-4:] in reply_of(message)
            and contact_of(Dispute.objects.get()) == "anna@example.org"
            and adapter.decrypt(totp.data["secret"]) == "JBSWY3DP"
            and adapter.decrypt(codes.data["migrated_codes"][0]) == "12345678"
            and codes.data["used_mask"] == 3
        )

    settings.SEALING_KEYS = [NEW, old]
    assert all_opens()
    text(f"{SCAM} called me once more")  # sealed with the new key already
    IntakeMessage.objects.order_by("pk").last().delete()
    assert "4 rows sealed anew" in keys("--reseal")
    assert "0 rows sealed anew" in keys("--reseal")
    settings.SEALING_KEYS = [NEW]
    known_keys.check()
    assert all_opens()
    settings.SEALING_KEYS = [old]
    with pytest.raises(SealBroken):
        content_of(IntakeMessage.objects.get())
