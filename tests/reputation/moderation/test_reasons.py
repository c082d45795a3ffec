"""Reasons by code: on record in no language, read in each reader's own."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from reputation.admin.decisions import (
    DECISIONS,
    EXPORT_REASONS,
    LEAVE_REASONS,
    UNDO_REASONS,
)
from reputation.admin.intake import ACTS
from reputation.models import AuditEntry, Dispute
from reputation.moderation.reasons import REASONS, code_of, coded, in_words
from reputation.moderation.roles import MODERATOR
from tests.given.disputes import a_dispute
from tests.given.reporters import DAY, NOW, reported, row
from tests.given.staff import as_role, text


def test_every_frequent_reason_has_a_code_and_every_code_is_offered():
    decided = [decision for some in DECISIONS.values() for decision in some.values()]
    offered = {code for each in (*decided, *ACTS) for code in each.reasons}
    assert offered | {*UNDO_REASONS, *LEAVE_REASONS, *EXPORT_REASONS} == REASONS.keys()
    for code in REASONS:
        assert re.fullmatch("[a-z_]+", code)
        assert code_of(coded(code)) == code_of(coded(code, "in own words")) == code
        with translation.override("zh-hans"):
            assert not re.search("[A-Za-z]{3}", in_words(coded(code))), code


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("#made_up", "Made up."),
        ("#made_up  She rang me.", "Made up. She rang me."),
        ("She rang me. #made_up", "She rang me. #made_up"),
        ("#no_such_code of mine", "#no_such_code of mine"),
        ("#made_upon a time", "#made_upon a time"),
        ("# made_up", "# made_up"),
        ("Made up.", "Made up."),
        ("", ""),
    ],
)
def test_a_reason_in_words(reason: str, said: str):
    with translation.override("en"):
        assert in_words(reason) == said


@pytest.mark.django_db
def test_a_decision_in_chinese_is_read_in_english_and_the_other_way_round():
    reported()
    dispute = a_dispute(
        number=row(), opened_at=NOW, verified_at=NOW, deadline_at=NOW + 400 * DAY, held=False
    )
    moderator = as_role(MODERATOR)
    page = f"/admin/reputation/dispute/{dispute.pk}/decide/reject_dispute/"
    chinese = {"accept-language": "zh-CN"}
    assert "多份独立举报描述了同样的来电。" in text(moderator.get(page, headers=chinese))
    moderator.post(page, {"preset": "1", "reason": "Recording 7."}, headers=chinese)
    dispute.refresh_from_db()
    assert dispute.status == Dispute.Status.REJECTED
    stored = "#independent_reports_agree_on_calls Recording 7."
    assert dispute.reason == AuditEntry.objects.get().reason == stored
    english, translated = "Independent reports describe the same calls.", "多份独立举报"
    for client, where in (
        (Client(), reverse("dispute", args=[dispute.public_id])),
        (moderator, "/admin/reputation/auditentry/"),
        (moderator, f"/admin/reputation/number/{dispute.number_id}/change/"),
        (moderator, f"/admin/reputation/dispute/{dispute.pk}/change/"),
    ):
        for language, words in (("en", english), ("zh-CN", translated)):
            answer = client.get(where, headers={"accept-language": language})
            assert words in text(answer), (where, language)
            assert "Recording 7." in text(answer)
    found = moderator.get("/admin/reputation/auditentry/", {"q": "same calls"})
    assert len(found.context["cl"].result_list) == 1
