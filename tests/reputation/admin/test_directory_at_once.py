"""The same file for the directory twice at once, and files on what others entered meanwhile."""

from functools import partial

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from reputation.models import AuditEntry, DecisionBatch, Number
from reputation.moderation import directory, mark_official
from tests.given.concurrency import together
from tests.given.reporters import BAKERY, NOW, SCAMMER
from tests.given.staff import member, signed_in, text

pytestmark = pytest.mark.django_db
IMPORT = "/admin/reputation/officialnumber/import/"
FILE = f"number,name\n{SCAMMER.key},A Bank\n{BAKERY.key},A Bakery\n"


def upload(client: Client) -> dict[str, str]:
    shown = client.post(IMPORT, {"file": SimpleUploadedFile("list.csv", FILE.encode())})
    form = shown.context["text_form"]
    return {name: str(form[name].value()) for name in ("text", "seen")} | {"reason": "Its letter."}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_file_that_two_import_at_once_enters_each_number_once():
    both = [member("boss"), member("senior")]
    together(
        *(
            partial(directory.take_in, text=FILE, actor=actor, reason="Its letter.", now=NOW)
            for actor in both
        )
    )
    assert AuditEntry.objects.count() == Number.objects.filter(official=True).count() == 2
    assert sum(batch.done for batch in DecisionBatch.objects.all()) == 2
    assert not DecisionBatch.objects.filter(targets=[]).exists()


def test_a_name_that_another_entered_since_the_preview_is_shown_before_it_is_replaced(settings):
    settings.SECOND_MODERATOR_REQUIRED = False
    client = signed_in(member("senior"))
    form = upload(client)
    mark_official(
        actor=member("boss"), identity=SCAMMER, name="The Bank", reason="It called.", now=NOW
    )
    late = client.post(IMPORT, form)
    assert "The directory has changed since you looked. Look again." in text(late)
    assert "Its letter." in text(late)
    assert "The Bank" in text(late)
    assert Number.objects.get(key=SCAMMER.key).name == "The Bank"
    again = form | {"seen": str(late.context["text_form"]["seen"].value())}
    assert "2 entries were changed." in text(client.post(IMPORT, again))
    assert Number.objects.get(key=SCAMMER.key).name == "A Bank"
