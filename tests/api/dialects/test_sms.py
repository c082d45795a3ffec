"""Text messages as gateways send them, to the addresses that docs/integrations/sms.md prints."""

import json
import re
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from django.db import connection

from reputation.models import IntakeMessage
from tests.given.dialects import Reply, get, new_key
from tests.given.messages import LI, live

pytestmark = pytest.mark.django_db

PAGE = Path("docs/integrations/sms.md").read_text()
NAMES = dict(re.findall(r"^\| ([^|`]+?) \| `([^`]*_in=[^`]+)` \|$", PAGE, re.MULTILINE))
KANNEL = re.search(r'get-url = "https://your-service(.*)"', PAGE)[1]
WORDS = "13812345678*低息贷款"
REPORTED = [("+8613812345678", "loan_scam", "低息贷款")]
REPLY = "已举报：+86 138 1234 5678，贷款诈骗。举报人数：1。有误请回复“撤销”。"
TEXT = "text/plain; charset=utf-8"
DIGITS = LI.removeprefix("+")
FORM = "Content-Type: application/x-www-form-urlencoded"
UTF_16 = quote(WORDS.encode("utf-16-be"))

# What each gateway sends besides the address: its headers, and a body.
VONAGE = {
    "api-key": "abcd1234", "msisdn": DIGITS, "to": "8613900000009",
    "messageId": "0A0000000123ABCD1", "text": WORDS, "type": "unicode", "keyword": WORDS,
    "message-timestamp": "2026-11-24 12:00:00", "timestamp": "1795521600", "nonce": "aaaa-bbbb",
    "sig": "not checked",
}  # fmt: skip
MESSAGES = {
    "channel": "sms", "message_uuid": "aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab", "to": "8613900000009",
    "from": DIGITS, "timestamp": "2026-11-24T12:00:00Z", "text": WORDS,
    "usage": {"price": "0.0", "currency": "EUR"}, "sms": {"num_messages": "1", "count_total": "1"},
}  # fmt: skip
MESSAGEBIRD = {
    "id": "e8077d803532c0b5937c639b60216938", "recipient": "8613900000009", "originator": DIGITS,
    "body": WORDS, "createdDatetime": "2026-11-24T12:00:00+00:00",
}  # fmt: skip
ANDROID = {
    "deviceId": "ffffffffceb0b1db00000018e937c815", "event": "sms:received",
    "id": "Ey6ECgOkVVFjz3CL48B8C", "webhookId": "LreFUt-Z3sSq0JufY9uWB",
    "payload": {"messageId": "abc123", "message": WORDS, "phoneNumber": LI, "simNumber": 1,
                "receivedAt": "2026-11-24T20:00:00.000+08:00"},
}  # fmt: skip
JASMIN = (
    f"id=6e32ca2b-7c9e-4d53-bb1a-1b1f1b7a0d1c&from={DIGITS}&to=8613900000009&content={UTF_16}"
    "&origin-connector=smpp-01&priority=LEVEL_0&coding=UCS2"
).encode()
SIGNED = "Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.eyJwYXlsb2FkX2hhc2giOiJhYiJ9.c2lnbmVk"
JSON = "Content-Type: application/json"
SENT = [
    ("Vonage, SMS API", [FORM], urlencode(VONAGE).encode()),
    ("Vonage, SMS API", [JSON], json.dumps(VONAGE).encode()),
    ("Vonage, SMS API", [], VONAGE),
    ("Vonage, Messages API", [JSON, SIGNED], json.dumps(MESSAGES).encode()),
    ("MessageBird", [FORM, "MessageBird-Signature-JWT: x"], urlencode(MESSAGEBIRD).encode()),
    ("MessageBird", [], MESSAGEBIRD),
    ("Jasmin (SMPP), by POST", [FORM, "Accept: text/plain"], JASMIN),
    (
        "SMS Gateway for Android",
        [f"{JSON}; charset=UTF-8", "X-Timestamp: 1", "X-Signature: 0"],
        json.dumps(ANDROID, ensure_ascii=False).encode(),
    ),
]


@pytest.fixture
def key() -> str:
    return new_key("intake", region="GB")


def address(gateway: str, key: str) -> str:
    return f"/compat/sms?key={key}&{NAMES[gateway]}"


@pytest.mark.parametrize(("gateway", "headers", "body"), SENT)
def test_a_report(send, key, gateway, headers, body):
    if isinstance(body, dict):
        raw = get(f"{address(gateway, key)}&{urlencode(body)}", "", *headers)
    else:
        raw = get(address(gateway, key), "", *headers, method="POST", body=body)
    expected = Reply(200, {}, TEXT, b"ACK/Jasmin" if "Jasmin" in gateway else b"")
    assert send(raw) == send(raw) == expected
    assert live() == REPORTED
    assert IntakeMessage.objects.count() == 1


def test_every_printed_address_is_tried():
    assert NAMES.keys() == {gateway for gateway, _, _ in SENT}


@pytest.mark.parametrize(
    ("text", "charset"),
    [(UTF_16, "UTF-16BE"), (quote(WORDS), "UTF-8"), (quote(WORDS), "GSM"), (quote(WORDS), "")],
)
def test_kannel_sends_the_body_back(send, key, text, charset):
    target = KANNEL.replace("rsk_xxxxxxxx_your-key", key)
    escapes = {"%I": "b7b3a4c2-9a1f-4a53-8f6a-0a4f0e5a8d11", "%q": quote(LI), "%C": charset}
    for escape, value in (escapes | {"%b": text}).items():
        target = target.replace(escape, value)
    raw = f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: Kannel/1.4.5\r\n\r\n".encode()
    assert send(raw) == send(raw) == Reply(200, {}, TEXT, REPLY.encode())
    assert live() == REPORTED


@pytest.mark.parametrize("sender", ["7726", "BANKNAME", "95533"])
def test_short_codes_and_names_are_no_people(send, key, sender):
    said = f"&answer=reply&messageId=1&text={quote(WORDS)}&msisdn={sender}"
    assert send(get(address("Vonage, SMS API", key) + said)) == Reply(200, {}, TEXT, b"")
    assert live() == []
    assert IntakeMessage.objects.get().status == "kept"


def test_national_senders_are_read_as_in_the_country_of_the_key(send):
    key = new_key("intake", region="CN")
    send(get(f"/compat/sms?key={key}&id=1&sender=13987654321&text={quote(WORDS)}"))
    assert live() == REPORTED


@pytest.mark.parametrize("text", ["%00", "%D8%00", "%FF", ""])
def test_no_text_is_refused(send, key, text):
    for charset in ("", "UTF-16BE", "hex", "undefined"):
        raw = get(f"/compat/sms?key={key}&id=1&sender={quote(LI)}&text={text}&charset={charset}")
        assert send(raw) == Reply(200, {}, TEXT, b"")


@pytest.mark.parametrize(
    ("query", "body", "detail"),
    [
        ("sender=1", b"", b"id is missing: say its name by id_in."),
        ("id=1", b"", b"sender is missing: say its name by sender_in."),
        ("id_in=a.b", b'{"a":[1]}', b"a.b is missing: say its name by id_in."),
        ("id_in=a", b'{"a":{"b":1}}', b"a is missing: say its name by id_in."),
        (
            "",
            b"&" * 200 + b"a",
            b"The body is neither a form nor JSON: Max number of fields exceeded",
        ),
    ],
)
def test_what_no_gateway_sends(send, key, query, body, detail):
    raw = get(f"/compat/sms?key={key}&{query}", method="POST", body=body)
    assert send(raw) == Reply(400, {}, TEXT, detail)


def test_whose_key(send, key):
    said = f"id=1&sender={quote(LI)}&text={quote(WORDS)}"
    for scopes in (["compat"], ["intake", "lookup"]):
        assert send(get(f"/compat/sms?key={new_key(*scopes)}&{said}")) == Reply(
            401, {}, TEXT, b"A key in the address needs the scope `intake` and no other."
        )
    assert send(get(f"/compat/sms?{said}", new_key("compat"))).status == 403
    assert send(get(f"/compat/sms?{said}")).status == 401
    assert IntakeMessage.objects.count() == 0
    assert send(get(f"/compat/sms?{said}", new_key("intake", "lookup"))).status == 200
    # What opens this opens nothing else from an address.
    assert send(get(f"/compat/cidlookup/+12025550123?key={key}")).status == 401


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_away_has_it_sent_again(send, key, monkeypatch, tmp_path):
    raw = get(f"/compat/sms?key={key}&id=1&sender={quote(LI)}&text={quote(WORDS)}")
    connection.close()
    with monkeypatch.context() as patch:
        patch.setitem(connection.settings_dict, "HOST", str(tmp_path))
        assert send(raw).status == 503
        connection.close()
    assert send(raw).status == 200
    assert live() == REPORTED
