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
INFOBIP = {
    "results": [
        {"messageId": "817790313235066447", "from": DIGITS, "to": "8613900000009", "text": WORDS,
         "cleanText": WORDS, "keyword": "", "receivedAt": "2026-11-24T12:00:00.000+0000",
         "smsCount": 1, "price": {"pricePerMessage": 0, "currency": "EUR"}, "callbackData": ""}
    ],
    "messageCount": 1, "pendingMessageCount": 0,
}  # fmt: skip
PLIVO = {
    "From": DIGITS, "To": "8613900000009", "Text": WORDS, "Type": "sms",
    "MessageUUID": "ccd27a2a-eae6-11ef-9f4b-0242ac110003",
}  # fmt: skip
SINCH = {
    "body": WORDS, "from": DIGITS, "id": "01FC66621XXXXX119Z8PMV1QPA", "operator_id": "46000",
    "received_at": "2026-11-24T12:00:00.000Z", "to": "8613900000009", "type": "mo_text",
}  # fmt: skip
TELNYX = {
    "data": {
        "event_type": "message.received", "id": "bf6307bd-884d-4c1f-b6ea-c62b8c495d3c",
        "occurred_at": "2026-11-24T12:00:00.000Z", "record_type": "event",
        "payload": {"direction": "inbound", "id": "7ee4241c-f127-47e5-9c34-3aac291f8058",
                    "from": {"phone_number": LI, "carrier": "", "line_type": "Wireless"},
                    "to": [{"phone_number": "+8613900000009", "status": "delivered"}],
                    "text": WORDS, "media": [], "type": "SMS"},
    },
    "meta": {"attempt": 1, "delivered_to": "https://your-service/compat/sms"},
}  # fmt: skip
BANDWIDTH = [
    {"type": "message-received", "time": "2026-11-24T12:00:00.000Z", "to": "+8613900000009",
     "description": "Incoming message received",
     "message": {"id": "1661365814859loidf7mcwd4qacn7", "owner": "+8613900000009", "from": LI,
                 "applicationId": "93de2206", "time": "2026-11-24T12:00:00.000Z",
                 "segmentCount": 1, "direction": "in", "to": ["+8613900000009"], "text": WORDS}}
]  # fmt: skip
AWS = {
    "Type": "Notification", "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
    "TopicArn": "arn:aws:sns:us-west-2:123456789012:texts", "Timestamp": "2026-11-24T12:00:00.000Z",
    "Message": json.dumps(
        {"originationNumber": LI, "destinationNumber": "+8613900000009", "messageKeyword": "K",
         "messageBody": WORDS, "inboundMessageId": "cae173d2-66b9-564c-8309-21f858e9fb84"}
    ),
    "SignatureVersion": "1", "Signature": "not checked",
    "SigningCertURL": "https://sns.us-west-2.amazonaws.com/SimpleNotificationService-f3ec.pem",
    "UnsubscribeURL": "https://sns.us-west-2.amazonaws.com/?Action=Unsubscribe",
}  # fmt: skip
ELKS = {
    "direction": "incoming", "id": "sf8425555e5d8db61dda7a7b3f1b91bdb", "from": LI,
    "to": "+8613900000009", "created": "2026-11-24T12:00:00.000000", "message": WORDS,
}  # fmt: skip
AFRICA = {
    "linkId": "SampleLinkId123", "text": WORDS, "to": "28901", "id": "d5a1b0c2", "cost": "None",
    "date": "2026-11-24 12:00:00", "from": LI, "networkCode": "63902",
}  # fmt: skip
EAGLE = {"sender": DIGITS, "timestamp": "20261124120000", "msgid": "431", "text": WORDS}
FORWARDER = {
    "from": LI, "text": WORDS, "sentStamp": 1795521600000, "receivedStamp": 1795521600001,
    "sim": "SIM1",
}  # fmt: skip
SMSFORWARDER = {"from": LI, "content": WORDS, "time": "2026-11-24 12:00:00"}
CLICKATELL = {
    "api_id": "3523864", "from": DIGITS, "to": "8613900000009", "timestamp": "2026-11-24 12:00:00",
    "text": WORDS, "charset": "UTF-8", "udh": "", "moMsgId": "d2b66016178dda7c3b4a701056797755",
}  # fmt: skip
CLICKSEND = {
    "from": LI, "body": WORDS, "message": WORDS, "sms": LI, "to": "+8613900000009",
    "message_id": "C9F6F1C4-5D2A-4F0E-9B0C-6E1C7C6F3D11", "original_message_id": "",
    "original_body": "", "custom_string": "", "timestamp": "1795521600", "user_id": "1",
}  # fmt: skip
NOTIFY = {
    "id": "740e5834-3a29-46b4-9a6f-16142fde533a", "source_number": DIGITS,
    "destination_number": "07700987654", "message": WORDS,
    "date_received": "2026-11-24T12:00:00.000000Z",
}  # fmt: skip
ALIBABA = [
    {"phone_number": LI.removeprefix("+86"), "content": WORDS, "send_time": "2026-11-24 20:00:00",
     "dest_code": "1234", "sequence_id": "1234567890"}
]  # fmt: skip
TENCENT = {
    "extend": "", "mobile": LI.removeprefix("+86"), "nationcode": "86", "sign": "Ringscore",
    "text": WORDS, "time": 1795521600,
}  # fmt: skip
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
    ("Infobip", [JSON], json.dumps(INFOBIP).encode()),
    ("Plivo", [FORM], urlencode(PLIVO).encode()),
    ("Plivo", [], PLIVO),
    ("Sinch", [JSON], json.dumps(SINCH).encode()),
    ("Telnyx", [JSON], json.dumps(TELNYX).encode()),
    ("Bandwidth", [f"{JSON}; charset=utf-8"], json.dumps(BANDWIDTH).encode()),
    (
        "AWS End User Messaging, by Amazon SNS",
        ["Content-Type: text/plain; charset=UTF-8", "x-amz-sns-message-type: Notification"],
        json.dumps(AWS).encode(),
    ),
    ("46elks", [FORM], urlencode(ELKS).encode()),
    ("Africa's Talking", [FORM], urlencode(AFRICA).encode()),
    ("SMSEagle", [], EAGLE),
    ("SMSEagle", [FORM], urlencode(EAGLE).encode()),
    (
        "Incoming SMS to URL forwarder (Android)",
        [f"{JSON}; charset=utf-8", "User-agent: SMS Forwarder App"],
        json.dumps(FORWARDER, ensure_ascii=False).encode(),
    ),
    ("Clickatell", [FORM], urlencode(CLICKATELL).encode()),
    ("Clickatell", [], CLICKATELL),
    ("ClickSend", [FORM], urlencode(CLICKSEND).encode()),
    ("GOV.UK Notify", [JSON], json.dumps(NOTIFY).encode()),
    ("Alibaba Cloud 阿里云", [JSON], json.dumps(ALIBABA, ensure_ascii=False).encode()),
    ("Tencent Cloud 腾讯云", [JSON], json.dumps(TENCENT, ensure_ascii=False).encode()),
    ("SmsForwarder 短信转发器 (Android)", [FORM], urlencode(SMSFORWARDER).encode()),
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
    if "Cloud" in gateway:  # without the country in the number
        key = new_key("intake", region="CN")
    if isinstance(body, dict):
        raw = get(f"{address(gateway, key)}&{urlencode(body)}", "", *headers)
    else:
        raw = get(address(gateway, key), "", *headers, method="POST", body=body)
    answers = {
        "Jasmin (SMPP), by POST": "ACK/Jasmin",
        "46elks": REPLY,
        "Alibaba Cloud 阿里云": '{"code":0}',
        "Tencent Cloud 腾讯云": '{"result":0,"errmsg":"OK"}',
    }
    expected = Reply(200, {}, TEXT, answers.get(gateway, "").encode())
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


def test_of_several_messages_each_counts_and_a_bad_one_loses_no_other(send, key):
    good = INFOBIP["results"][0]
    numbers = ["13812345678", "13812345679", "13812345670"]
    texts = [good | {"messageId": n, "text": f"{n}*低息贷款"} for n in numbers]
    target = address("Infobip", key) + "&answer=reply"
    body = json.dumps({"results": [texts[0], {"text": "x"}, 5, *texts[1:]]}).encode()
    raw = get(target, "", JSON, method="POST", body=body)
    wrong = b"The message has no messageId: say its name by id_in. It has text."
    assert send(raw) == send(raw) == Reply(400, {}, TEXT, wrong)
    assert sorted(number for number, *_ in live()) == sorted(f"+86{n}" for n in numbers)
    body = json.dumps({"results": texts}).encode()
    assert send(get(target, "", JSON, method="POST", body=body)) == Reply(200, {}, TEXT, b"")
    assert IntakeMessage.objects.count() == 3


def test_a_form_in_parts(send, key):
    said = {"id": "1", "sender": LI, "text": WORDS}
    parts = "".join(
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in said.items()
    )
    form = "Content-Type: multipart/form-data; boundary=x"
    target = f"/compat/sms?key={key}&answer=reply"
    raw = get(target, "", form, method="POST", body=f"{parts}--x--\r\n".encode())
    assert send(raw) == Reply(200, {}, TEXT, REPLY.encode())
    raw = get(target, "", "Content-Type: multipart/form-data", method="POST", body=b"x")
    assert send(raw).status == 400


def test_json_as_windows_begins_files(send, key):
    body = b"\xef\xbb\xbf" + json.dumps({"id": "1", "sender": LI, "text": WORDS}).encode()
    send(get(f"/compat/sms?key={key}", "", JSON, method="POST", body=body))
    assert live() == REPORTED


@pytest.mark.parametrize("label", ["GBK", "gb2312", "GB18030", "Big5"])
@pytest.mark.parametrize("by", ["field", "header"])
def test_encodings_of_china(send, key, label, by):
    words = "13812345678*低息貸款" if label == "Big5" else WORDS
    form = f"{FORM}; charset={label}" if by == "header" else FORM
    said = f"id=1&sender={quote(LI)}&text={quote(words.encode(label))}"
    said += "" if by == "header" else f"&charset={label}"
    send(get(f"/compat/sms?key={key}", "", form, method="POST", body=said.encode()))
    assert live() == [("+8613812345678", "loan_scam", words[12:])]


@pytest.mark.parametrize(
    ("label", "encoding", "words"),
    [
        ("UTF-16", "utf-16", "低息"),
        ("UTF-16", "utf-16-be", "低息"),
        ("UTF-16LE", "utf-16-le", "低息"),
        ("UCS-2", "utf-16-be", "低息"),
        ("ISO-10646-UCS-2", "utf-16-be", "低息"),
        ("cp936", "gbk", "低息"),
        ("Big5-HKSCS", "big5hkscs", "低息"),
        ("latin1", "latin-1", "Betrüger"),
        ("ISO-8859-15", "iso-8859-15", "Betrüger €"),
        ("windows-1251", "cp1251", "мошенники"),
        ("KOI8-R", "koi8-r", "мошенники"),
        ("Shift_JIS", "shift-jis", "詐欺です"),
        ("EUC-KR", "euc-kr", "사기꾼"),
    ],
)
def test_encodings_by_the_names_of_gateways(send, key, label, encoding, words):
    said = f"id=1&sender={quote(LI)}&text={quote(f'13812345678*{words}'.encode(encoding))}"
    send(get(f"/compat/sms?key={key}&charset={label}", "", FORM, method="POST", body=said.encode()))
    [(number, _, comment)] = live()
    assert (number, comment) == ("+8613812345678", words)


def test_json_in_the_encoding_of_its_label(send, key):
    label = f"{JSON}; charset=GBK"
    said = {"id": "1", "sender": LI, "text": WORDS}
    for ascii_only in (False, True):
        body = json.dumps(said, ensure_ascii=ascii_only).encode("gbk")
        send(get(f"/compat/sms?key={key}", "", label, method="POST", body=body))
        assert live() == REPORTED
        assert IntakeMessage.objects.count() == 1


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be"])
def test_json_in_two_bytes_a_character(send, key, encoding):
    label = f"{JSON}; charset=utf-16"
    body = json.dumps({"id": "1", "sender": LI, "text": WORDS}).encode(encoding)
    send(get(f"/compat/sms?key={key}", "", label, method="POST", body=body))
    assert live() == REPORTED


def test_json_that_names_the_encoding_by_air(send, key):
    """It came to the gateway in UTF-16, and to us in JSON."""
    said = {"id": "1", "sender": LI, "text": WORDS, "charset": "UTF-16BE"}
    send(get(f"/compat/sms?key={key}", "", JSON, method="POST", body=json.dumps(said).encode()))
    assert live() == REPORTED


def test_a_plus_that_was_not_encoded(send):
    """A blank to us: in Germany the digits without it are another number."""
    key = new_key("intake", region="DE")
    said = f"id=1&sender={LI}&text={quote(WORDS)}"
    assert send(get(f"/compat/sms?key={key}&{said}")).status == 200
    assert live() == REPORTED
    send(get(f"/compat/sms?key={key}", "", FORM, method="POST", body=said.encode()))
    assert IntakeMessage.objects.count() == 1


def test_a_message_by_another_service_is_of_the_same_sender(send, key):
    said = urlencode({"id": "1", "sender": f"whatsapp:{LI}", "text": WORDS})
    send(get(f"/compat/sms?key={key}", "", FORM, method="POST", body=said.encode()))
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
        (
            "sender=1",
            b"",
            b"The message has no id: say its name by id_in. It has sender.",
        ),
        ("id=1", b"", b"The message has no sender: say its name by sender_in. It has id."),
        ("", b"", b"The message has no id: say its name by id_in. It has no fields."),
        (
            "id_in=a.b",
            b'{"a":[1],"From":"x"}',
            b"The message has no a.b: say its name by id_in. It has a, From.",
        ),
        (
            "id_in=a",
            b'{"a":{"b":1}}',
            b"The message has no a: say its name by id_in. It has a.",
        ),
        (
            "list_in=results",
            b'{"result":[]}',
            b"results is not a list of messages: say its name by list_in.",
        ),
        ("", b"[" + b"{}," * 100 + b"{}]", b"A request has at most 100 messages."),
        (
            "",
            b'{"id":',
            b"The body is not valid JSON: unexpected end of data: line 1 column 7 (char 6)",
        ),
        (
            "",
            b'{"id":"\xfc"}',
            b"The body is not valid JSON: it is not in UTF-8. Send it in UTF-8.",
        ),
        *(
            (
                "",
                '{"id":"1"}'.encode(encoding),
                b"The body is not valid JSON: it is not in UTF-8. Send it in UTF-8.",
            )
            for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32")
        ),
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


def test_a_body_that_is_too_large_is_no_fault_of_ours(send, key):
    for path, by in ((f"/compat/sms?key={key}", ""), ("/phoneblock/api/rate", new_key("compat"))):
        reply = send(get(path, by, method="POST", body=b"a" * 2_700_000))
        said = b"The body has more than 2621440 bytes. Send less at a time."
        assert reply == Reply(413, {}, TEXT, said)


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
