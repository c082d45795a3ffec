"""E-mail that nothing vouches for: it is kept, its address is asked, and only the answer counts."""

from datetime import timedelta

import pytest

from reputation.intake import keeping, receiving, replies, working
from reputation.intake.keeping import content_of, forget
from reputation.models import IntakeMessage, IntakeSender, Report, Reporter
from tests.given.attachments import PNG
from tests.given.messages import (
    NOW,
    UK,
    VOUCHED,
    answering,
    letter,
    live,
    nested,
    post,
    states,
    unproven,
)

pytestmark = pytest.mark.django_db


HOUR = timedelta(hours=1)


class TestConfirming:
    """Forging an address does nothing, whatever its owner is brought to answer."""

    @pytest.mark.parametrize("vouched", [True, False])
    @pytest.mark.parametrize("words", ["YES", "是的，是我写的。"])
    def test_an_explicit_word_confirms(self, words, vouched):
        asked = unproven()
        post(answering(asked, words, vouched=vouched))
        assert [number for number, _, _ in live()] == [UK]

    def test_the_code_of_the_letter_confirms(self):
        asked = unproven()
        assert f"RS-{asked.token}" in asked.reply
        post(answering(asked, f"RS-{asked.token}"))
        assert len(live()) == 1

    @pytest.mark.parametrize("vouched", [True, False])
    @pytest.mark.parametrize(
        ("words", "language"), [("I did NOT write this! Stop.", "en"), ("不是我", "zh-hans")]
    )
    def test_a_denial_closes_it_and_is_kept(self, words, language, vouched):
        asked = unproven()
        answer = post(answering(asked, words, vouched=vouched))
        with replies.in_language(language):
            assert answer.reply == replies.denied()
        assert [status for status, _, _ in states()] == ["denied", "answered"]
        assert live() == []
        post(answering(asked, "YES"))  # too late to think again
        assert live() == []
        denied = IntakeMessage.objects.earliest("id")
        assert [each.pk for each in denied.answered_by.all()] == [answer.message.pk]

    @pytest.mark.parametrize("words", ["", "Who are you?"])
    def test_anything_else_is_asked_once_more_and_does_not_count(self, words):
        asked = unproven()
        again = post(answering(asked, words))
        assert again.token == asked.token
        assert f"RS-{asked.token}" in again.reply
        assert post(answering(asked, f"{words} ")).reply == ""
        assert live() == []
        post(answering(asked, "YES"))
        assert len(live()) == 1

    def test_what_is_quoted_confirms_nothing(self):
        asked = unproven()
        quoted = asked.reply.replace("\n", "\n> ")
        post(answering(asked, f"Who are you?\n\nOn 24 Nov 2026, Ringscore wrote:\n> {quoted}"))
        # Some programs quote without a mark.
        post(answering(asked, f"Who is this?\n\nFrom: Ringscore\nSubject: x\n\n{asked.reply}"))
        assert live() == []
        post(answering(asked, f"Yes\n\nFrom: Ringscore\nSubject: x\n\n{asked.reply}"))
        assert len(live()) == 1

    def test_after_two_days_it_is_too_late(self):
        asked = unproven()
        assert timedelta(hours=48) == working.ANSWER_WITHIN
        assert "You can answer within 48 hours of our first mail." in asked.reply
        late = NOW + working.ANSWER_WITHIN
        for words in ("YES", f"RS-{asked.token}"):
            post(answering(asked, words), at=late)
            assert live() == []

    def test_until_then_the_code_confirms(self):
        asked = unproven()
        post(
            answering(asked, f"RS-{asked.token}"),
            at=NOW + working.ANSWER_WITHIN - timedelta(minutes=1),
        )
        assert len(live()) == 1

    @pytest.mark.parametrize(
        ("words", "language", "shown"),
        [
            ("+447700900123 loan", "en", "It reports: +44 7700 900123, loan scam."),
            ("贷款 +447700900123", "zh-hans", "它举报：+44 7700 900123，贷款诈骗。"),
            ("貸款 +447700900123", "zh-hant", "它檢舉：+44 7700 900123，貸款詐騙。"),
        ],
    )
    def test_the_letter_shows_what_came(self, words, language, shown):
        asked = unproven(f"{words}, ask me at jane@example.org")
        assert asked.language == language
        quote = words.replace("+447700900123", "▇▇▇")
        assert f"> Report {quote}, ask me at ▇▇▇\n\n{shown}\n" in asked.reply

    @pytest.mark.parametrize(
        "lure",
        ["pay at http://evil.example/p", "pay at hxxp://evil.example/p", "pay at evil.example",
         "pay at EVIL．example", "call 1-900-555-0123 now", "write to a@evil.example"],
    )  # fmt: skip
    def test_the_letter_carries_no_link_of_whoever_wrote_it(self, lure):
        asked = unproven(f"Your parcel: {lure} " + "x" * 1_000, subject="Your parcel")
        for part in ("http", "evil.example", "evil．example", "900-555", "@evil", "x" * 161):
            assert part not in asked.reply.lower()

    def test_files_are_sent_again_with_the_answer(self, evidence_dir):
        files = [("a.png", PNG + bytes(keeping.UNPROVEN_BYTES), "image/png")]
        asked = unproven(files=files)
        assert "Files were not kept: attach them to your answer." in asked.reply
        post(answering(asked, "YES", files=[("b.png", PNG, "image/png")]))
        assert [each.name for each in Report.objects.get().evidence.all()] == ["b.png"]

    def test_a_small_file_is_kept(self, evidence_dir):
        asked = unproven(files=[("a.png", PNG, "image/png")])
        post(answering(asked, "YES"))
        assert [each.name for each in Report.objects.get().evidence.all()] == ["a.png"]

    def test_a_blocked_voice_is_not_heard(self):
        post(letter("07700 900124"))
        Reporter.objects.update(blocked_at=NOW)
        post(answering(unproven(), "YES"))
        assert [number for number, _, _ in live()] == ["+447700900124"]
        assert ("kept", "", "refused") in states()


class TestUnproven:
    """What is kept of e-mails that nobody vouches for: little, not long, and nobody's."""

    def test_it_makes_no_sender(self):
        asked = unproven()
        assert (Reporter.objects.count(), IntakeSender.objects.count()) == (0, 0)
        post(answering(asked, "NO"))
        assert (Reporter.objects.count(), IntakeSender.objects.count()) == (0, 0)
        post(answering(unproven(sender="x@y.example"), "YES", sender="x@y.example"))
        assert (Reporter.objects.count(), IntakeSender.objects.count()) == (1, 1)

    def test_it_takes_nothing_from_whom_it_claims_to_be(self, monkeypatch):
        monkeypatch.setattr(receiving, "HOURLY", 2)
        monkeypatch.setattr(keeping, "DAILY", 4)
        for n in range(6):
            unproven(f"07700 90013{n}")
        assert post(letter("07700 900123")).message.status == "reported"

    def test_guessing_a_letter_does_not_suppress_it(self):
        unproven("07700 900123", id="<1@x>")
        assert post(letter("07700 900123", id="<1@x>")).message.status == "reported"

    @pytest.mark.parametrize("words", ["x" * 1_000_000, "<p>骚扰" * 100_000])
    def test_its_beginning_is_kept(self, words):
        message = unproven(words).message
        assert len(message.sealed) < 4 * keeping.UNPROVEN_BYTES
        kept = content_of(message)
        assert len(kept.text) == keeping.UNPROVEN_BYTES
        assert kept.raw.startswith(b"From: Jane Doe")

    def test_little_of_it_is_masked(self, monkeypatch):
        """Masking takes the square of the length."""
        given: list[int] = []
        monkeypatch.setattr(keeping, "mask", lambda words: given.append(len(words)) or words)
        unproven("A" * 1_000_000, subject="A" * 1_000)
        assert given
        assert max(given) <= 2 * keeping.MASKED

    def test_no_half_of_an_address_is_shown(self):
        """Masks are shorter than what they hide, so the cut comes into view."""
        words = "1234567890123 " * 80
        cut = words[: 2 * keeping.MASKED - len("Report ") - 8]
        message = unproven(f"{cut} jane@example.org").message
        assert "jane" not in message.masked

    def test_moderators_see_it_once_it_is_confirmed(self):
        asked = unproven("they insult me all day")  # no number: a moderator's, if it is anybody's
        later = NOW + 2 * working.ANSWER_WITHIN
        for at in (NOW, later):
            assert not IntakeMessage.objects.waiting(at).exists()
            assert not IntakeMessage.objects.listed().exists()
        post(answering(asked, "YES"))
        assert [each.pk for each in IntakeMessage.objects.waiting(later)] == [asked.message.pk]

    def test_a_week_later_it_is_gone(self):
        waits, denied = unproven(), unproven("07700 900124 calls", sender="x@y.example")
        unclear = unproven("07700 900125 calls", sender="z@y.example")
        post(answering(denied, "NO", sender="x@y.example"))
        post(answering(unclear, "who?", sender="z@y.example"), at=NOW + HOUR)
        post(letter("07700 900126", vouched=False, Auto_Submitted="auto-replied"))
        post(letter("07700 900127"))
        assert forget(now=NOW + keeping.UNPROVEN_KEPT_FOR) == 0
        for _ in range(3):  # nights
            forget(now=NOW + keeping.UNPROVEN_KEPT_FOR + 2 * HOUR)
        left = [(each.status, bool(each.sealed)) for each in IntakeMessage.objects.order_by("id")]
        assert left == [("denied", False), ("answered", False), ("reported", True)]
        assert waits.message.pk not in IntakeMessage.objects.values_list("pk", flat=True)

    def test_what_was_confirmed_stays(self):
        post(answering(unproven("they insult me"), "YES"))
        assert forget(now=NOW + 2 * keeping.UNPROVEN_KEPT_FOR) == 0
        assert [each.sender_id is None for each in IntakeMessage.objects.all()] == [False, False]

    def test_one_domain_has_its_limit_and_all_have_one(self, monkeypatch):
        monkeypatch.setattr(keeping, "UNPROVEN_DOMAIN_HOURLY", 2)
        monkeypatch.setattr(keeping, "UNPROVEN_HOURLY", 3)
        first = [unproven(sender=f"{name}@y.example") for name in "abc"]
        assert [each.message is not None for each in first] == [True, True, False]
        second = [unproven(sender=f"a@{name}.example") for name in "uvw"]
        assert [each.message is not None for each in second] == [True, False, False]
        # Those for whom somebody vouches, and answers to our letters, are not among them.
        assert post(letter("07700 900124")).message is not None
        post(answering(first[0], "YES", sender="a@y.example"))
        assert len(live()) == 2
        raw = letter("07700 900125", sender="b@u.example", vouched=False)
        assert post(raw, at=NOW + HOUR).message is not None

    def test_after_a_denial_its_owner_has_peace(self):
        post(answering(unproven(), "I did not write this"))
        assert unproven("07700 900124").message is None
        assert post(letter("07700 900125")).message.status == "reported"

    def test_whoever_wants_no_answers_gets_no_questions(self):
        post(letter("STOP", subject=""))
        assert unproven().message is None

    def test_poison_waits_for_a_moderator_within_limits(self, monkeypatch):
        monkeypatch.setattr(keeping, "UNREADABLE_HOURLY", 2)
        receipts = [post(nested(2_000).replace(b"n@x", b"%d@x" % n)) for n in range(3)]
        assert [(each.reply, each.message is not None) for each in receipts] == [
            ("", True),
            ("", True),
            ("", False),
        ]
        assert states() == [("kept", "", "unreadable")] * 2
        message = IntakeMessage.objects.waiting(NOW).first()
        assert content_of(message).raw == nested(2_000).replace(b"n@x", b"0@x")[:20_000]
        assert Reporter.objects.count() == 0

    def test_poison_of_somebody_is_theirs_and_kept_whole(self):
        raw = f"Authentication-Results: {VOUCHED}\n".encode() + nested(2_000)
        receipt = post(raw)
        assert receipt.reply.startswith("We could not read that")
        assert content_of(receipt.message).raw == raw
        assert receipt.message.sender is not None
