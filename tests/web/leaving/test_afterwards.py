"""A restored backup is erased again, and a later key finds everybody."""

import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from config import known_keys
from reputation import rights
from reputation.counting import rescore
from reputation.intake.keeping import content_of
from reputation.models import (
    Erasure,
    IntakeMessage,
    IntakeSender,
    Number,
    Report,
    Reporter,
)
from reputation.privacy import hashed_again
from tests.given.leaving import (
    CALLED,
    MAIL,
    PHONE,
    dump,
    erase_by_command,
    erase_by_page,
)
from tests.given.messages import text
from tests.given.visitors import Visitor
from tests.given.web_reports import FORM

pytestmark = pytest.mark.django_db


@pytest.mark.slow
def test_a_restored_backup_is_erased_again(
    world: tuple[Visitor, str], evidence_dir: Path, signed_in: Callable[..., Visitor]
):
    anna, _ = world
    backup = {
        model: list(model.objects.values())
        for model in (User, Reporter, IntakeSender, IntakeMessage, Report)
    }
    erase_by_page(anna)
    # What came after the erasure is no backup's.
    again = signed_in(MAIL)
    again.send("/report", FORM | {"number": CALLED["page"], "comment": "I play again."})
    listed = rights.erasures()
    for model, rows in backup.items():
        for row in rows:
            pk = row.pop("id")
            if model is User:
                User.objects.update_or_create(username=row["username"], defaults=row)
            elif model is not Reporter or not Reporter.objects.filter(
                kind=row["kind"], handle=row["handle"]
            ):
                model.objects.filter(pk=pk).update(**row)
    Erasure.objects.all().delete()
    assert "violin" not in dump()
    assert "oboe" in dump()
    said = erase_by_command(again=True)
    assert re.match("erased: [1-9]", said)
    assert "oboe" not in dump()
    assert "I play again." in dump()
    assert rights.erasures() == listed
    assert erase_by_command(again=True).startswith("erased: 0 voices, 0 reports, 0 files")


@pytest.mark.slow
def test_a_later_key_hashes_once_more_all_that_is_there(
    world: tuple[Visitor, str], settings: Settings, signed_in: Callable[..., Visitor]
):
    """Of a filled database no keyed hash stays as it was, and everybody is found again."""
    known_keys.check()
    text("STOP", sender="+447700900322", at=timezone.now())
    erase_by_command(email=["nobody@example.org"])
    hashes = set(re.findall(r"\b[0-9a-f]{32}\b", dump()))
    assert len(hashes) > 15
    before = {
        "reports": list(Report.objects.order_by("pk").values_list("reporter", "weight")),
        "networks": Report.objects.values("network").distinct().count(),
        "answers": list(Number.objects.order_by("pk").values_list("key", "action", "networks")),
    }
    listed = rights.erasures()
    settings.PSEUDONYM_LATER_KEYS = ["later" * 10]
    with pytest.raises(known_keys.WrongKey, match="keys --rehash"):
        known_keys.check()
    out = io.StringIO()
    call_command("keys", rehash=True, stdout=out)
    assert "values hashed once more" in out.getvalue()
    assert not hashes & set(re.findall(r"\b[0-9a-f]{32}\b", dump()))
    with pytest.raises(CommandError, match="already"):
        call_command("keys", rehash=True)
    after = {
        "reports": list(Report.objects.order_by("pk").values_list("reporter", "weight")),
        "networks": Report.objects.values("network").distinct().count(),
        "answers": list(Number.objects.order_by("pk").values_list("key", "action", "networks")),
    }
    assert after == before
    assert rescore(limit=100, now=timezone.now()).differences == []
    assert {hashed_again(subject): at for subject, at in listed.items()}.items() <= (
        rights.erasures().items()
    )
    # The same mailbox, telephone and network are known.
    people = Reporter.objects.count()
    again = signed_in(MAIL)
    again.send("/report", FORM | {"number": CALLED["page"], "comment": "They called again."})
    text(f"{CALLED['key']} threatened me", sender=PHONE, at=timezone.now())
    assert Reporter.objects.count() == people
    assert (
        Report.objects.filter(number__key=CALLED["page"]).values("network").distinct().count() == 1
    )
    assert "wants my oboe" in content_of(IntakeMessage.objects.earliest("pk")).text
    settings.PSEUDONYM_LATER_KEYS = ["later" * 10, "latest" * 9]
    call_command("keys", rehash=True, stdout=out)
    known_keys.check()
