"""A forged LINK takes over nobody's voice, and so not the words of their reports."""

import re

import pytest
from django.core import mail

from tests.given.api_requests import ask, holder
from tests.given.messages import AUTHSERV, live, take_in_mail
from tests.given.visitors import Visitor
from web.accounts import open_account

CODE = r"[2-9A-Z]{5}-[2-9A-Z]{5}"


def pages(address: str) -> Visitor:
    """Somebody who is signed in."""
    person = Visitor(headers={"accept-language": "en-GB"})
    person.force_login(open_account(address))
    return person


class TestTakeover:
    """A forged LINK took a reporter's voice over, with the words of their reports."""

    pytestmark = pytest.mark.django_db
    WORDS = "threatened me, my case number is 4711"

    def deliver(self, raw: str) -> str:
        """The e-mail as our mail server posts it; what becomes of it."""
        answer = ask(
            "POST",
            "/v1/intake/email",
            body=raw.encode(),
            by=self.key,
            content_type="message/rfc822",
        )
        assert answer.status == 200
        [taken] = answer.json
        return taken["status"]

    def write(self, words: str, results: str, *, subject: str = "") -> str:
        """An e-mail whose From is the reporter's."""
        self.written += 1
        return self.deliver(
            f"Authentication-Results: {AUTHSERV}; {results}\nFrom: reporter@gmail.com\n"
            f"Message-ID: <{self.written}@x>\nSubject: {subject}\n\n{words}\n"
        )

    HONEST = "dmarc=pass (p=none dis=none) header.from=gmail.com"

    @pytest.fixture(autouse=True)
    def _reporter_and_thief(self, transactional_db, settings):
        take_in_mail(settings)
        self.key, self.written = holder("intake"), 0
        assert self.write(f"+12025550142 {self.WORDS}", self.HONEST) == "reported"
        self.thief = pages("thief@evil.example")
        page = self.thief.send("/my/account/link", {"issue": "1"})
        [self.code] = re.findall(CODE, page)
        mail.outbox.clear()

    def has_been_taken(self) -> bool:
        return "+1 202-555-0142" in self.thief.see("/my/reports")

    @pytest.mark.parametrize(
        "results",
        [
            "spf=pass (sender SPF authorized) smtp.mailfrom=evil.example\n (client-ip=192.0.2.1;"
            " helo=evil.example; envelope-from=dmarc=pass@evil.example; receiver=<UNKNOWN>)",
            "spf=fail (client-ip=192.0.2.1; helo=dmarc=pass; envelope-from=a@evil.example)",
            "dkim=pass (signed header.i=@gmail.com) header.d=evil.example",
            'spf=pass smtp.mailfrom="x header.d=gmail.com"@evil.example',
        ],
    )
    def test_a_forged_link_is_only_asked_about(self, results):
        assert self.write(f"LINK {self.code}", results) == "asked"
        assert self.write("+12025550143 robocall", results) == "asked"
        assert not self.has_been_taken()
        assert [number for number, _, _ in live()] == ["+12025550142"]
        # Nor does the reporter's protest help the thief.
        for letter_ in list(mail.outbox):
            assert (letter_.to, "evil" in letter_.body) == (["reporter@gmail.com"], False)
            protest = "Who are you? I have not subscribed to anything, remove me!"
            self.write(protest, self.HONEST, subject=f"Re: {letter_.subject}")
        assert not self.has_been_taken()
        assert [number for number, _, _ in live()] == ["+12025550142"]

    def test_a_forged_link_that_its_victim_confirms_takes_nothing(self):
        self.write(f"LINK {self.code}", "spf=fail")
        self.write("Yes", self.HONEST, subject=f"Re: {mail.outbox[-1].subject}")
        assert not self.has_been_taken()
        assert "An account on our pages is to be linked" in mail.outbox[-1].body

    def test_an_honest_link_takes_over_once_both_letters_came(self):
        """The account is the reporter's own: two letters, of which one comes back."""
        assert self.write(f"LINK {self.code}", self.HONEST) == "answered"
        assert not self.has_been_taken()
        told = mail.outbox[-1].body
        assert "Reports from here that it takes over: 1." in told
        [second] = re.findall(CODE, told)
        assert second != self.code
        assert self.write(f"LINK {second}", self.HONEST) == "answered"
        assert self.has_been_taken()
        assert mail.outbox[-1].body.startswith("Linked: you count as one person now.")
