"""A code reaches the holder: in which words and ways, again, and when a gateway is away."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from reputation.disputes import (
    CODE_LIFETIME,
    CodeExpired,
    CodeNotSent,
    NothingToDispute,
    TooManyCodes,
    WrongCode,
    codes,
    send_again,
    verify,
)
from reputation.disputes.codes import CODES_PER_NETWORK, CODES_PER_NUMBER, LIMITED_FOR
from reputation.identity import identify
from reputation.models import Dispute, Report
from reputation.reports import withdraw_report
from tests.given.disputes import HOTLINE, MINUTE, ask
from tests.given.messages import text
from tests.given.phone import Phone
from tests.given.reporters import BAKERY, NOW, SCAMMER, reported

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("language", "via", "text"),
    [
        (
            "en",
            "sms",
            "Ringscore: 1234 5678 is your code to dispute the listing of this number, valid for 30 "
            "minutes. Give it to nobody. Not you? Ignore this.",
        ),
        (
            "en",
            "voice",
            "This is Ringscore. Your code to dispute the listing of this number is: 1, 2, 3, 4, 5, "
            "6, 7, 8. Again: 1, 2, 3, 4, 5, 6, 7, 8. Give it to nobody. If you did not ask for it, "
            "just hang up.",
        ),
        (
            "zh-hans",
            "sms",
            "【Ringscore】验证码 1234 5678，用于对本号码的标记提出异议，30 分钟内有效。"
            "请勿告诉任何人。如非本人操作，请忽略。",
        ),
        (
            "zh-hans",
            "voice",
            "这里是 Ringscore。您对本号码的标记提出异议的验证码是：1, 2, 3, 4, 5, 6, 7, 8。"
            "再读一遍：1, 2, 3, 4, 5, 6, 7, 8。请勿告诉任何人。如非本人操作，请直接挂断。",
        ),
    ],
)
def test_what_the_holder_reads_or_hears(phone, monkeypatch, language, via, text):
    monkeypatch.setattr(codes, "code_of", lambda _: "12345678")
    reported(HOTLINE)
    ask(HOTLINE, language=language, via=via)
    assert [message.text for message in phone.got] == [text]
    assert language != "en" or via != "sms" or len(text) <= 160  # one message
    assert language == "en" or via != "sms" or len(text) <= 70


@pytest.mark.parametrize(
    ("number", "via", "language"),
    [
        (SCAMMER, "sms", "zh-hans"),
        (BAKERY, "voice", "en"),  # a landline
        (identify("+14155552671"), "sms", "en"),
        (identify("+85221234567"), "voice", "zh-hant"),
    ],
)
def test_what_suits_the_line_and_the_country(phone, number, via, language):
    reported(number)
    ask(number)
    assert (phone.got[0].via, phone.got[0].language) == (via, language)


def test_a_mobile_gets_a_text_whatever_is_wished(phone: Phone):
    """Calls cost more, and whoever asks need not be the holder."""
    reported()
    dispute = ask(via="voice")
    assert (phone.got[0].via, dispute.via) == ("sms", "sms")


def test_another_code_on_request(phone: Phone):
    reported()
    dispute = ask()
    send_again(public_id=dispute.public_id, now=NOW + 0.9 * MINUTE)
    assert len(phone.got) == 1
    send_again(public_id=dispute.public_id, now=NOW + MINUTE)
    assert len(phone.got) == 2
    assert verify(public_id=dispute.public_id, code=phone.code, now=NOW + MINUTE).held
    with pytest.raises(CodeExpired):
        send_again(public_id=dispute.public_id, now=NOW + 3 * MINUTE)


@pytest.mark.parametrize("sent", [0, 1])
def test_a_number_that_one_network_is_left_of_gets_further_codes_but_no_first(
    phone: Phone, sent: int
):
    reported()
    dispute = ask()
    report = Report.objects.first()
    withdraw_report(reporter=report.reporter, public_id=report.public_id, now=NOW)
    Dispute.objects.update(codes_sent=sent)
    if sent:
        assert send_again(public_id=dispute.public_id, now=NOW + MINUTE).codes_sent == 2
    else:
        with pytest.raises(NothingToDispute, match="before others report it"):
            send_again(public_id=dispute.public_id, now=NOW + MINUTE)
    assert len(phone.got) == 1 + sent


def test_a_dispute_is_not_kept_alive_by_asking_for_codes(phone: Phone):
    """Else its codes would count no more against the day's limit."""
    reported()
    dispute = ask()
    Dispute.objects.update(opened_at=NOW - LIMITED_FOR)
    with pytest.raises(CodeExpired):
        send_again(public_id=dispute.public_id, now=NOW + MINUTE)


def test_the_gateway_is_away_and_nothing_is_lost(phone: Phone):
    reported()
    phone.broken = True
    with pytest.raises(CodeNotSent) as error:
        ask()
    kept_one = Dispute.objects.get()
    assert error.value.dispute == kept_one
    assert (kept_one.status, kept_one.codes_sent) == ("awaiting_code", 0)
    for _ in range(CODES_PER_NETWORK):  # what was not sent does not count
        with pytest.raises(CodeNotSent):
            ask()
    phone.broken = False
    assert ask().pk == kept_one.pk
    assert verify(public_id=kept_one.public_id, code=phone.code, now=NOW).statement == (
        "I am a plumber. I call people back."
    )


def test_a_second_code_that_could_not_be_sent_may_be_asked_for_at_once(phone: Phone):
    reported()
    dispute = ask()
    phone.broken = True
    with pytest.raises(CodeNotSent):
        send_again(public_id=dispute.public_id, now=NOW + MINUTE)
    phone.broken = False
    assert send_again(public_id=dispute.public_id, now=NOW + MINUTE).codes_sent == 2


def test_a_code_that_was_perhaps_sent_is_sent_again_as_the_same(phone: Phone):
    """A gateway that took it and drops the repetition: what it sent is good. Another code under the
    same reference would be dropped, or refused, and the holder would have one that is void."""
    reported()
    phone.too_slow = True
    with pytest.raises(CodeNotSent) as error:
        ask()
    dispute, arrived = error.value.dispute, phone.code
    phone.too_slow = False
    ask()
    first, again = phone.got
    assert first == again
    assert send_again(public_id=dispute.public_id, now=NOW + MINUTE).codes_sent == 2
    assert phone.got[-1].reference != first.reference
    assert phone.code != arrived
    with pytest.raises(WrongCode):
        verify(public_id=dispute.public_id, code=arrived, now=NOW + MINUTE)
    assert verify(public_id=dispute.public_id, code=phone.code, now=NOW + MINUTE).verified_at


def test_the_file_sender_writes_the_code_as_a_line_of_json(settings: Settings, tmp_path: Path):
    settings.CODE_SENDER = f"file:{tmp_path}/codes"
    reported()
    dispute = ask(language="en")
    [line] = (tmp_path / "codes" / "codes.jsonl").read_text().splitlines()
    sent = json.loads(line)
    assert (sent["to"], sent["via"], sent["language"]) == ("+8613812345678", "sms", "en")
    code = "".join(filter(str.isdecimal, sent["text"].split(" is ")[0]))
    assert verify(public_id=dispute.public_id, code=code, now=NOW).held


def test_a_text_from_the_number_itself_always_has_a_code(phone: Phone, settings: Settings):
    settings.CODE_COUNTRIES = ("*",)
    reported(SCAMMER)
    for stranger in range(CODES_PER_NUMBER):
        ask(network=f"net-{stranger}")
    with pytest.raises(TooManyCodes) as refused:
        ask()
    kept = refused.value.dispute
    assert kept is not None
    reply = text("申诉", sender=SCAMMER.key, at=NOW).reply
    code = re.search(r"(\d{5} \d{5})", reply)
    assert code
    other = text("DISPUTE", sender="+8613987654399", at=NOW).reply
    assert code[1] not in other  # another number's code is another one
    assert f"/numbers/{SCAMMER.key}/dispute" in reply
    later = NOW + CODE_LIFETIME - timedelta(seconds=1)
    with pytest.raises(WrongCode):
        verify(public_id=kept.public_id, code="00000 00000", now=later)
    assert verify(public_id=kept.public_id, code=code[1], now=later).held
