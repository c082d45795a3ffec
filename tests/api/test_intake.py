"""Messages from gateways: who is let in, in which shapes, once each, and again after an outage."""

import hashlib
import hmac
import json
from urllib.parse import urlencode

import pytest
from django.core import mail
from django.db import connection
from pytest_django import Settings

from api.gateways import sms
from api.metrics import REGISTRY
from reputation.intake.keeping import content_of
from reputation.models import IntakeMessage, Report
from tests.given.api_requests import NOW, Answer, ask, holder, trouble
from tests.given.attachments import PNG
from tests.given.messages import AUTHSERV, LI, MAIL, letter, live, nested, take_in_mail

SMS, EMAIL = "/v1/intake/sms", "/v1/intake/email"
TOKEN, SECRET = "twilio-token", "s" * 32
FORM = "application/x-www-form-urlencoded"
FIELDS = {
    "MessageSid": "SM1",
    "From": LI,
    "To": "+8613900000009",
    "Body": "13812345678*低息贷款",
    "NumMedia": "0",
    "FromCountry": "CN",
}
SAID = {"id": "1", "sender": LI, "text": "13812345678*低息贷款"}
REPLY = "已举报：+86 138 1234 5678，贷款诈骗。举报人数：1。有误请回复“撤销”。"


@pytest.fixture(autouse=True)
def _set_up(settings: Settings) -> None:
    take_in_mail(settings)
    settings.INTAKE_TWILIO_TOKEN, settings.INTAKE_SMS_SECRET = [TOKEN], [SECRET]
    settings.INTAKE_EMAIL_PROVIDER, settings.INTAKE_EMAIL_SECRET = "", []


def twilio(fields: dict[str, str] | None = None, *, signed: str = "") -> Answer:
    body = urlencode(FIELDS if fields is None else fields).encode()
    signed = signed or sms.twilio_signature(TOKEN, f"http://127.0.0.1:8000{SMS}", body)
    return ask("POST", SMS, body=body, content_type=FORM, X_Twilio_Signature=signed)


def signed_json(said: dict[str, str], *, age: int = 0, secret: str = SECRET) -> Answer:
    body = json.dumps(said).encode()
    moment = str(int(NOW.timestamp()) - age)
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return ask("POST", SMS, body=body, X_Ringscore_Timestamp=moment, X_Ringscore_Signature=digest)


def taken(channel: str) -> float:
    labels = {"channel": channel, "outcome": "created"}
    return REGISTRY.get_sample_value("ringscore_reports_total", labels) or 0.0


@pytest.mark.django_db
class TestTwilio:
    def test_its_own_example_of_a_signature(self):
        """As in Twilio's documentation of request validation."""
        url = "https://mycompany.com/myapp.php?foo=1&bar=2"
        fields = {"CallSid": "CA1234567890ABCDE", "Caller": "+14158675310", "Digits": "1234",
                  "From": "+14158675310", "To": "+18005551212"}  # fmt: skip
        signed = sms.twilio_signature("12345", url, urlencode(fields).encode())
        assert signed == "GvWf1cFY/Q7PnoempGyD5oXAezc="

    def test_a_report(self):
        before = taken("sms")
        answer = twilio()
        assert (answer.status, answer.headers["Content-Type"]) == (200, "text/xml")
        assert answer.body.decode() == (
            f'<?xml version="1.0" encoding="UTF-8"?><Response><Message>{REPLY}</Message></Response>'
        )
        assert live() == [("+8613812345678", "loan_scam", "低息贷款")]
        assert taken("sms") == before + 1

    def test_posted_again_it_counts_once_and_is_answered_alike(self):
        before = taken("sms")
        assert twilio().body == twilio().body
        assert (Report.objects.count(), IntakeMessage.objects.count()) == (1, 1)
        assert taken("sms") == before + 1

    @pytest.mark.parametrize("channel", ["whatsapp", "rcs"])
    def test_a_sender_is_one_voice_over_all_of_its_channels(self, channel):
        twilio()
        more = {"MessageSid": "SM-other", "From": f"{channel}:{FIELDS['From']}"}
        assert b"<Message>" in twilio(FIELDS | more).body
        assert live() == [("+8613812345678", "loan_scam", "低息贷款")]
        assert IntakeMessage.objects.count() == 2

    def test_a_mexican_is_one_voice_with_and_without_the_1_of_whatsapp(self):
        for place, sender in enumerate(("whatsapp:+5215512345678", "+525512345678")):
            said = {"MessageSid": f"SM{place}", "From": sender, "FromCountry": "MX"}
            twilio(FIELDS | said | {"Body": "+8613812345678 loan scam"})
        assert live() == [("+8613812345678", "loan_scam", "loan scam")]
        found = ask("GET", "/v1/numbers/+5215512345678").json
        assert found["number"] == "+525512345678"

    def test_nothing_to_say(self):
        answer = twilio(FIELDS | {"Body": "谢谢"})
        assert answer.body.endswith(b"<Response></Response>")

    def test_a_picture_is_kept(self):
        twilio(FIELDS | {"Body": "", "MediaUrl0": "https://m.example/1"})
        assert IntakeMessage.objects.get().status == "kept"

    def test_another_signature(self):
        answer = twilio(signed="GvWf1cFY/Q7PnoempGyD5oXAezc=")
        assert (answer.status, answer.json) == (401, REFUSED)
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="ringscore"'
        assert IntakeMessage.objects.count() == 0

    @pytest.mark.parametrize(
        ("public", "signed"),
        [
            ("https://ringscore.example:8443", "https://ringscore.example"),
            ("https://ringscore.example", "https://ringscore.example:443"),
            ("https://[2001:db8::1]", "https://[2001:db8::1]:443"),
            ("http://127.0.0.1:8000", "http://127.0.0.1"),
        ],
    )
    def test_twilio_may_sign_the_port_or_not(self, settings, public, signed):
        settings.PUBLIC_URL = public
        body = urlencode(FIELDS).encode()
        for url in (public, signed):
            signature = sms.twilio_signature(TOKEN, f"{url}{SMS}", body)
            assert REPLY.encode() in twilio(signed=signature).body

    def test_without_a_token_nobody_signs(self, settings):
        body = urlencode(FIELDS).encode()
        signed = sms.twilio_signature("", f"http://127.0.0.1:8000{SMS}", body)
        settings.INTAKE_TWILIO_TOKEN = []
        assert twilio(signed=signed).status == 401

    def test_a_form_of_too_many_fields(self):
        many = FIELDS | {f"MediaUrl{place}": "https://m.example/1" for place in range(300)}
        assert twilio(many, signed="GvWf1cFY/Q7PnoempGyD5oXAezc=").json == REFUSED
        body = urlencode(many).encode()
        answer = ask("POST", SMS, body=body, content_type=FORM, by=holder("intake"))
        assert (answer.status, answer.json["detail"]) == (400, "The form has more than 200 fields.")

    def test_while_the_token_is_replaced_both_sign(self, settings):
        settings.INTAKE_TWILIO_TOKEN = ["the new one", TOKEN]
        assert REPLY.encode() in twilio().body
        body = urlencode(FIELDS | {"MessageSid": "SM2"}).encode()
        signed = sms.twilio_signature("the new one", f"http://127.0.0.1:8000{SMS}", body)
        assert twilio(FIELDS | {"MessageSid": "SM2"}, signed=signed).status == 200

    @pytest.mark.parametrize("name", ["MessageSid", "From"])
    def test_a_form_of_something_else(self, name):
        detail = f"{name} is missing: post a form as Twilio does, or JSON."
        answer = twilio({key: value for key, value in FIELDS.items() if key != name})
        assert answer.json == trouble(
            400, "Bad Request", "invalid-request", detail, (f"#/{name}", "invalid-request", detail)
        )


REFUSED = trouble(
    401,
    "Unauthorized",
    "signature-refused",
    "The signature does not fit. Check the secret and the URL.",
)


@pytest.mark.django_db
class TestJson:
    def test_a_report_by_a_gateway_that_signs(self):
        answer = signed_json(SAID)
        assert (answer.status, answer.json) == (
            200,
            {
                "id": str(IntakeMessage.objects.get().public_id),
                "status": "reported",
                "reply": REPLY,
            },
        )

    def test_by_a_key_in_any_of_its_places(self):
        token = holder("intake").token
        assert ask("POST", SMS, body=SAID, by=token).status == 200
        assert ask("POST", SMS, body=SAID, X_Api_Key=token).status == 200
        assert IntakeMessage.objects.count() == 1

    def test_a_body_as_windows_begins_files(self):
        body = b"\xef\xbb\xbf" + json.dumps(SAID).encode()
        assert ask("POST", SMS, body=body, by=holder("intake")).json["status"] == "reported"

    @pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le"])
    def test_json_that_is_not_in_utf_8_is_no_form(self, encoding):
        body = json.dumps(SAID).encode(encoding)
        answer = ask("POST", SMS, body=body, by=holder("intake"))
        assert answer.json["detail"].endswith("it is not in UTF-8. Send it in UTF-8.")

    def test_a_list_of_messages_is_no_form(self):
        answer = ask("POST", SMS, body=[SAID], by=holder("intake"))
        assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, "#")
        assert "MessageSid" not in answer.json["errors"][0]["detail"]

    def test_the_key_s_region_reads_national_senders(self):
        said = SAID | {"sender": "13987654321"}
        assert ask("POST", SMS, body=said, by=holder("intake")).json["status"] == "reported"
        assert ask("POST", SMS, body=said, by=holder("intake", region="GB")).json["id"]

    def test_another_secret(self):
        answer = signed_json(SAID, secret="t" * 32)
        assert (answer.status, answer.json["type"]) == (401, REFUSED["type"])
        assert answer.json["detail"] == (
            "The signature does not fit. Sign X-Ringscore-Timestamp, a dot and the body as it is "
            "sent, and check the secret."
        )

    def test_a_signature_in_capitals(self):
        body, moment = json.dumps(SAID).encode(), str(int(NOW.timestamp()))
        signed = sms.signature(SECRET, moment, body).upper()
        headers = {"X_Ringscore_Timestamp": moment, "X_Ringscore_Signature": signed}
        assert ask("POST", SMS, body=body, **headers).json["status"] == "reported"

    def test_a_signature_without_its_time_is_told_so(self):
        answer = ask("POST", SMS, body=SAID, X_Ringscore_Signature="0" * 64)
        assert answer.json["detail"].startswith("X-Ringscore-Timestamp must be the Unix time")

    @pytest.mark.parametrize("age", [-301, 301])
    def test_a_recorded_request_is_too_old(self, age):
        answer = signed_json(SAID, age=age)
        assert (answer.status, answer.json) == (
            401,
            trouble(
                *(401, "Unauthorized", "signature-refused"),
                "X-Ringscore-Timestamp must be the Unix time of sending, within 300 seconds.",
            ),
        )

    @pytest.mark.parametrize("age", [-300, 300])
    def test_clocks_may_differ(self, age):
        assert signed_json(SAID, age=age).status == 200

    def test_who_names_no_key_is_asked_for_one(self):
        answer = ask("POST", SMS, body=SAID)
        assert (answer.status, answer.json["type"]) == (401, "urn:ringscore:problem:key-required")

    def test_whatever_it_says_is_no_reason_to_refuse_it(self):
        answer = signed_json(SAID | {"text": "\0 \u202e"})
        assert (answer.status, answer.json["status"]) == (200, "kept")

    def test_what_is_missing_is_named(self):
        answer = signed_json({"id": "1", "text": ""})
        assert answer.json["errors"] == [
            {"pointer": "#/sender", "code": "required", "detail": "This field is required."}
        ]


@pytest.mark.django_db
class TestEmail:
    def by_key(self, raw: bytes) -> Answer:
        return ask("POST", EMAIL, body=raw, by=holder("intake"), content_type="message/rfc822")

    def test_a_message_as_it_travels(self):
        before = taken("email")
        answer = self.by_key(letter("07700 900123 keeps calling"))
        message = IntakeMessage.objects.get()
        assert answer.json == [{"id": str(message.public_id), "status": "reported", "reply": ""}]
        assert taken("email") == before + 1
        [sent] = mail.outbox
        assert (sent.to, sent.subject) == ([MAIL], "Re: Report")
        assert sent.body.startswith("Reported: +44 7700 900123.")
        assert sent.extra_headers["Auto-Submitted"] == "auto-replied"
        assert sent.extra_headers["In-Reply-To"] == sent.extra_headers["References"]
        assert message.replied_at == NOW

    def test_again_is_not_answered_again(self):
        raw = letter("07700 900123")
        assert self.by_key(raw).json[0]["id"] == self.by_key(raw).json[0]["id"]
        assert len(mail.outbox) == 1

    def test_an_answer_that_could_not_be_sent_is_sent_when_it_comes_again(self, monkeypatch):
        def refuse(self, *_, **__):
            raise ConnectionRefusedError

        raw = letter("07700 900123", vouched=False)
        with monkeypatch.context() as patch:
            patch.setattr("django.core.mail.EmailMessage.send", refuse)
            answer = self.by_key(raw)
        assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
        assert self.by_key(raw).status == 200
        [sent] = mail.outbox
        token = sent.subject.partition("[RS-")[2][:16]
        assert f"RS-{token}" in sent.body
        self.by_key(letter("yes", subject=f"Re: [RS-{token}]", vouched=False))
        assert len(live()) == 1

    def test_what_goes_to_an_unproven_address_has_a_fixed_subject(self):
        lure = "Your parcel: pay at hxxp://evil.example/p"
        raw = letter("07700 900123", subject=lure, id=f"<{lure}>", vouched=False)
        self.by_key(raw)
        [sent] = mail.outbox
        assert "parcel" not in str(sent.extra_headers)
        token = sent.extra_headers["Message-ID"][4:20]
        assert sent.subject == f"Re: [RS-{token}] Is this e-mail yours?"
        assert "evil" not in sent.body

    def test_poison_is_taken_once_and_not_answered(self):
        raw = nested(2_000)
        for _ in range(2):
            answer = self.by_key(raw)
            assert (answer.status, answer.json[0]["status"]) == (200, "kept")
        assert mail.outbox == []
        assert IntakeMessage.objects.count() == 1

    @pytest.mark.slow
    def test_poison_from_a_mail_service_is_taken_too(self, settings):
        settings.INTAKE_EMAIL_PROVIDER = "postmark"
        posted = {"RawEmail": nested(2_000).decode()}
        answer = ask("POST", EMAIL, by=holder("intake"), body=posted)
        assert (answer.status, [each["status"] for each in answer.json]) == (200, ["kept"])
        assert content_of(IntakeMessage.objects.get()).raw.startswith(b'{"RawEmail"')

    @pytest.mark.slow
    def test_one_poisoned_e_mail_of_a_batch_takes_none_with_it(self, settings):
        settings.INTAKE_EMAIL_PROVIDER = "sparkpost"
        bodies = [nested(2_000), letter("07700 900123")]
        batch = [
            {
                "msys": {
                    "relay_message": {
                        "protocol": "smtp",
                        "content": {"email_rfc822": raw.decode(), "email_rfc822_is_base64": False},
                    }
                }
            }
            for raw in bodies
        ]
        answer = ask("POST", EMAIL, by=holder("intake"), body=batch)
        assert [each["status"] for each in answer.json] == ["kept", "reported"]

    @pytest.mark.parametrize("sender", [f"a@{'x' * 64}.example", f"{'a' * 65}@y.example", "a@b..c"])
    def test_an_address_that_no_letter_reaches(self, sender):
        raw = f"From: {sender}\nMessage-ID: <1@x>\n\n07700 900123".encode()
        assert self.by_key(raw).status == 200
        assert mail.outbox == []

    def test_postmark_shows_a_key(self, settings, evidence_dir):
        settings.INTAKE_EMAIL_PROVIDER = "postmark"
        raw = letter("07700 900123", files=[("a.png", PNG, "image/png")])
        answer = ask("POST", EMAIL, by=holder("intake"), body={"RawEmail": raw.decode()})
        assert [each["status"] for each in answer.json] == ["reported"]
        assert Report.objects.get().evidence.count() == 1

    def test_mailgun_signs(self, settings):
        settings.INTAKE_EMAIL_PROVIDER = "mailgun"
        settings.INTAKE_EMAIL_SECRET = ["the new one", "k" * 20]
        fields = {
            "sender": MAIL,
            "recipient": "reports@ringscore.example",
            "subject": "Report",
            "body-plain": "07700 900123",
            "message-headers": json.dumps(
                [["From", MAIL], ["Subject", "Report"], ["Message-Id", "<1@x>"],
                 ["Authentication-Results", f"{AUTHSERV}; dmarc=pass header.from=example.org"]]
            ),
            "timestamp": "1763985600",
            "token": "t",
        }  # fmt: skip
        signed = hmac.new(b"k" * 20, b"1763985600t", hashlib.sha256).hexdigest()

        def post(signature: str) -> Answer:
            body = urlencode(fields | {"signature": signature}).encode()
            return ask("POST", EMAIL, body=body, content_type=FORM)

        assert post("0" * 64).json["type"] == "urn:ringscore:problem:signature-refused"
        assert IntakeMessage.objects.count() == 0
        assert [each["status"] for each in post(signed).json] == ["reported"]

    @pytest.mark.parametrize("provider", ["postmark", "mailjet", "sparkpost"])
    @pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"nonsense", b'{"RawEmail":7}'])
    def test_what_no_service_posts(self, settings, provider, body):
        settings.INTAKE_EMAIL_PROVIDER = provider
        answer = ask("POST", EMAIL, by=holder("intake"), body=body)
        assert answer.status in (200, 400)

    def test_without_a_service(self):
        answer = ask("POST", EMAIL, by=holder("intake"), body={"a": "b"})
        detail = (
            "Post the message as message/rfc822, or set INTAKE_EMAIL_PROVIDER for a mail service."
        )
        assert answer.json == trouble(
            400, "Bad Request", "invalid-request", detail, ("#", "invalid-request", detail)
        )

    @pytest.mark.parametrize("body", [b"", b"\r\n"])
    def test_nothing_is_no_e_mail(self, body):
        """A pipe that broke hands over nothing; with 200 the letter would be lost."""
        detail = "The body is empty: post the message itself."
        assert self.by_key(body).json == trouble(
            400, "Bad Request", "invalid-request", detail, ("#", "invalid-request", detail)
        )

    def test_a_message_beyond_our_limit_is_refused(self, settings):
        settings.INTAKE_MAX_BYTES = 99
        answer = self.by_key(b"x" * 100)
        assert answer.json == trouble(
            413, "Content Too Large", "too-large", "The message has more than 99 bytes."
        )

    @pytest.mark.slow
    def test_larger_than_django_takes(self, evidence_dir):
        raw = letter("07700 900123", files=[("big.txt", b"a" * 3_000_000, "text/plain")])
        assert self.by_key(raw).status == 200
        assert Report.objects.get().evidence.get().size == 3_000_000


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_away_has_it_sent_again(monkeypatch, tmp_path):
    by = holder("intake")
    connection.close()
    with monkeypatch.context() as patch:
        patch.setitem(connection.settings_dict, "HOST", str(tmp_path))
        for answer in (
            twilio(),
            signed_json(SAID),
            ask("POST", EMAIL, by=by, body=letter("07700 900123"), content_type="message/rfc822"),
        ):
            assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
        connection.close()
    assert twilio().status == 200
    assert len(live()) == 1


def test_gateways_are_slowed_down_when_they_fail(settings):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"failed_auth": {"anonymous": "2/m", "key": None}}
    assert [twilio(signed="no").status for _ in range(3)] == [401, 401, 429]
