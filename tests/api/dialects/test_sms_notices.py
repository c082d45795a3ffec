"""What gateways post to the webhook beside messages in words: Amazon SNS asks whether we want a
topic's, others tell of what we sent, and some pass on pictures."""

import json
import re
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from edge import outgoing
from reputation.models import IntakeMessage
from tests.given.dialects import Reply, get, new_key

pytestmark = pytest.mark.django_db

TEXT = "text/plain; charset=utf-8"
OURS = "+12025550190"
TOPIC = "arn:aws:sns:us-west-2:123456789012:texts"
TOKEN = "2336412f37fb687f5d51e6e2425929f5" * 8
QUESTION = {
    "Type": "SubscriptionConfirmation",
    "MessageId": "165545c9-2a5c-472c-8df2-7ff2be2b3b1b",
    "Token": TOKEN,
    "TopicArn": TOPIC,
    "Message": "You have chosen to subscribe to the topic …",
    "SubscribeURL": "http://169.254.169.254/latest/meta-data/",
    "Timestamp": "2026-11-24T12:00:00.000Z",
    "SignatureVersion": "1",
    "Signature": "not checked",
    "SigningCertURL": "http://127.0.0.1/key.pem",
}


class Amazon:
    """What stands for Amazon: the requests that it got, and its answer."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.answer: int | outgoing.RequestFailed = 200

    def request(self, *, host, path, **_more):
        self.asked.append((host, path))
        if isinstance(self.answer, outgoing.RequestFailed):
            raise self.answer
        return outgoing.Received(self.answer, "identity", b"<ConfirmSubscriptionResponse/>")


@pytest.fixture
def amazon(monkeypatch) -> Amazon:
    found = Amazon()
    monkeypatch.setattr(outgoing, "request", found.request)
    return found


@pytest.fixture
def key() -> str:
    return new_key("intake")


@pytest.fixture
def post(send, key):
    def posted(said: dict[str, object], key: str = key) -> Reply:
        named = "id_in=MessageId&sender_in=Message.originationNumber"
        label = "Content-Type: text/plain; charset=UTF-8"
        body = json.dumps(said).encode()
        return send(get(f"/compat/sms?key={key}&{named}", "", label, method="POST", body=body))

    return posted


@pytest.mark.parametrize(
    ("topic", "host"),
    [
        (TOPIC, "sns.us-west-2.amazonaws.com"),
        ("arn:aws:sns:ap-southeast-2:123456789012:t.fifo", "sns.ap-southeast-2.amazonaws.com"),
        ("arn:aws-us-gov:sns:us-gov-west-1:123456789012:t", "sns.us-gov-west-1.amazonaws.com"),
        ("arn:aws-cn:sns:cn-north-1:123456789012:t", "sns.cn-north-1.amazonaws.com.cn"),
    ],
)
def test_a_subscription_is_confirmed_where_its_topic_is(post, amazon, topic, host):
    assert post(QUESTION | {"TopicArn": topic}) == Reply(200, {}, TEXT, b"")
    [(asked, path)] = amazon.asked
    assert (asked, urlsplit(path).path) == (host, "/")
    assert parse_qs(urlsplit(path).query) == {
        "Action": ["ConfirmSubscription"],
        "TopicArn": [topic],
        "Token": [TOKEN],
    }


@pytest.mark.parametrize(
    "said",
    [
        {"TopicArn": "arn:aws:sns:evil.example/:123456789012:t"},
        {"TopicArn": "arn:aws:sns:us-west-2.evil:123456789012:t"},
        {"TopicArn": "arn:evil:sns:us-west-2:123456789012:t"},
        {"TopicArn": f"{TOPIC}\r\nHost: evil.example"},
        {"TopicArn": f"{TOPIC}\n"},
        {"TopicArn": "arn:aws:s3:::bucket"},
        {"TopicArn": None},
        {"TopicArn": [TOPIC]},
        {"Token": ""},
        {"Type": [QUESTION["Type"]]},
        {"Type": "subscriptionconfirmation"},
    ],
)
def test_no_other_server_is_asked(post, amazon, said):
    assert post(QUESTION | said).status == 400
    assert amazon.asked == []


def test_a_token_writes_no_request_of_its_own(post, amazon):
    token = "a&Action=DeleteTopic HTTP/1.1\r\nHost: evil.example\r\n\r\n"
    post(QUESTION | {"Token": token})
    [(_, path)] = amazon.asked
    assert parse_qs(urlsplit(path).query)["Token"] == [token]
    assert not set(" \r\n") & set(path)


def test_without_a_key_nothing_is_asked(post, amazon):
    assert post(QUESTION, key=new_key("compat")).status == 401
    assert amazon.asked == []


@pytest.mark.parametrize(
    ("answer", "status"),
    [(500, 503), (outgoing.RequestFailed("no route"), 503), (400, 400), (403, 400)],
)
def test_amazon_asks_again_only_where_that_may_help(post, amazon, answer, status):
    amazon.answer = answer
    reply = post(QUESTION)
    assert reply.status == status
    assert ("Retry-After" in reply.headers) == (status == 503)


def test_the_end_of_a_subscription_is_no_message(post, amazon):
    assert post(QUESTION | {"Type": "UnsubscribeConfirmation"}) == Reply(200, {}, TEXT, b"")
    assert amazon.asked == []


def sent(direction: str, sender: object) -> dict[str, object]:
    return {"direction": direction, "id": "1", "from": sender, "text": "Your code is 123456."}


@pytest.mark.parametrize(
    ("names", "body"),
    [
        pytest.param(
            "id_in=data.payload.id&sender_in=data.payload.from.phone_number"
            "&text_in=data.payload.text",
            json.dumps({"data": {"payload": sent("outbound", {"phone_number": OURS})}}),
            id="Telnyx's message.finalized",
        ),
        pytest.param(
            "id_in=message.id&sender_in=message.from&text_in=message.text",
            json.dumps([{"type": "message-delivered", "message": sent("out", OURS)}]),
            id="Bandwidth's message-delivered",
        ),
        pytest.param("sender_in=from", urlencode(sent("outgoing", OURS)), id="46elks, as a form"),
    ],
)
@pytest.mark.parametrize(("ours", "kept"), [(True, 0), (False, 1)])
def test_the_words_of_what_we_sent_are_not_kept(send, key, names, body, ours, kept):
    said = body if ours else re.sub(r"\bout(?=bound|going|\b)", "in", body)
    raw = get(f"/compat/sms?key={key}&{names}", method="POST", body=said.encode())
    assert send(raw).status == 200
    assert IntakeMessage.objects.count() == kept


@pytest.mark.parametrize(
    ("names", "more", "detail"),
    [
        # A receipt of Vonage, and a text under another name: of these nobody would have the words.
        (
            "",
            {"status": "delivered"},
            "no text: say its name by text_in. It has id, sender, status",
        ),
        ("", {"payload": "x"}, "no text: say its name by text_in. It has id, sender, payload"),
        (
            "&text_in=body",
            {"body": {"text": "x"}},
            "no body: say its name by text_in. It has id, sender, body",
        ),
    ],
)
def test_what_has_no_text_is_refused(send, key, names, more, detail):
    body = json.dumps({"id": "1", "sender": OURS} | more).encode()
    raw = get(
        f"/compat/sms?key={key}{names}",
        "",
        "Content-Type: application/json",
        method="POST",
        body=body,
    )
    assert send(raw) == Reply(400, {}, TEXT, f"The message has {detail}.".encode())
    assert not IntakeMessage.objects.exists()


def test_a_picture_without_words_is_taken(send, key):
    body = json.dumps({"id": "1", "sender": OURS, "text": None, "media": ["x"]}).encode()
    raw = get(
        f"/compat/sms?key={key}", "", "Content-Type: application/json", method="POST", body=body
    )
    assert send(raw) == Reply(200, {}, TEXT, b"")
    assert IntakeMessage.objects.count() == 1
