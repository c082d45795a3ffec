"""The texts of docs/integrations/freeswitch.md, run as FreeSWITCH runs them.

As its source does it (signalwire/freeswitch): separate_string_blank_delim and switch_url_encode in
src/switch_utils.c, src/mod/applications/mod_curl and mod_cidlookup.
"""

import re
from collections.abc import Callable, Iterator
from urllib.parse import quote
from xml.etree import ElementTree

import pytest

from tests.given.dialects import Reply, new_key, tell
from web.connecting import FOLDER, KEY, parts

pytestmark = pytest.mark.django_db

NUMBER = "+12025550123"
NAMES = ["", "Loan Office", "Joe's Loans", "'", "'a' 'b", "x&y=z (1) %41 \\", "Zoë"]
AWAY = Reply(0, {}, "", b"")


class Switch:
    """A dialplan, for one call at a time."""

    def __init__(self, send: Callable[[bytes], Reply], dialplan: str, lookup: str = "") -> None:
        self.send, self.lookup = send, lookup
        self.plan = ElementTree.fromstring(f"<context>{dialplan}</context>")  # noqa: S314 -- ours
        self.variables: dict[str, str] = {}
        self.sent: list[bytes] = []

    def call(self, number: str, name: str = "") -> dict[str, str]:
        """What the dialplan sets and, under `respond`, says to the caller."""
        self.variables = {"caller_id_number": number, "caller_id_name": name}
        for extension in self.plan:
            for condition in extension:
                field = condition.get("field", "")
                value = self.expand(field) if "$" in field else self.variables.get(field, "")
                found = re.search(condition.get("expression", ""), value)
                for action in condition.findall("action" if found else "anti-action"):
                    data = self.expand(action.get("data", "").replace("$1", "${1}"), found)
                    if action.get("application") == "respond":
                        self.variables["respond"] = data
                    else:
                        variable, _, content = data.partition("=")
                        self.variables[variable] = content
                if not found:
                    break
        return self.variables

    def expand(self, text: str, found: re.Match[str] | None = None) -> str:
        before, start, rest = text.partition("${")
        if not start:
            return text
        depth, end = 1, 0
        while depth:
            depth += rest.startswith("${", end) - (rest[end] == "}")
            end += 1
        inner = rest[: end - 1]
        api, call, arguments = inner.partition("(")
        if call:
            value = getattr(self, api)(self.expand(arguments.removesuffix(")")))
        elif inner.isdecimal() and found is not None:
            value = found[int(inner)]
        else:
            value = self.variables.get(inner, "")
        return before + value + self.expand(rest[end:], found)

    def url_encode(self, text: str) -> str:
        # It knows no apostrophe among what is unsafe, and writes bytes beyond ASCII in hex.
        return quote(text, safe="!'()*,/$")

    def curl(self, arguments: str) -> str:
        url, *options = separated(arguments)
        if " " in url:  # libcurl: malformed
            return ""
        lines = [options[at + 1] for at, word in enumerate(options) if word == "append_headers"]
        return self.get(url, "User-Agent: freeswitch-curl/1.0", *lines)

    def cidlookup(self, number: str) -> str:
        self.variables["digits"] = re.sub(r"\D", "", number)
        url = self.lookup.replace("${caller_id_number}", "${digits}")
        return self.get(self.expand(url), "User-Agent: freeswitch-cidlookup/1.0") or "UNKNOWN"

    def get(self, url: str, *lines: str) -> str:
        """The body, whatever the status."""
        target = url.removeprefix("http://").partition("/")[2]
        head = "\r\n".join([f"GET /{target} HTTP/1.1", "Host: 127.0.0.1", "Accept: */*", *lines])
        self.sent.append(f"{head}\r\n\r\n".encode())
        return self.send(self.sent[-1]).body.decode()


def separated(text: str) -> list[str]:
    """At blanks outside of apostrophes; pairs of these are taken out, a single one stays."""

    def words() -> Iterator[str]:
        word, quoted = "", False
        for character in text:
            quoted ^= character == "'"
            if character == " " and not quoted:
                yield word
                word = ""
            else:
                word += character
        yield word

    return [re.sub(r"'(.*?)'", r"\1", word) for word in words() if word]


@pytest.fixture
def rejecting(send: Callable[[bytes], Reply]) -> Switch:
    key = new_key("lookup", region="US")
    return Switch(send, parts()["freeswitch"].filled(token=key, region="US").code)


@pytest.fixture
def naming(send: Callable[[bytes], Reply], token: str) -> Switch:
    page = KEY.sub(token, (FOLDER / "freeswitch.md").read_text())
    dialplan = re.search(r'<extension name="ringscore_name".*?</extension>', page, re.DOTALL)
    address = re.search(r'<param name="url" value="(.*?)"/>', page)
    assert dialplan is not None
    assert address is not None
    return Switch(send, dialplan[0], address[1])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("number", [NUMBER, "12025550123", "2025550123"])
def test_a_blocked_caller_is_rejected_whatever_name_it_shows(
    rejecting: Switch, number: str, name: str
):
    tell(NUMBER, "block")
    assert rejecting.call(number, name).get("respond") == "607 Unwanted"


@pytest.mark.parametrize("action", ["", "flag"])
def test_others_ring(rejecting: Switch, action: str):
    if action:
        tell(NUMBER, action)
    assert "respond" not in rejecting.call(NUMBER, "Loan Office")
    assert b"caller_name=Loan%20Office HTTP" in rejecting.sent[0]


@pytest.mark.parametrize("number", ["", "anonymous", "sip:x@y"])
def test_a_withheld_caller_is_not_asked_about(rejecting: Switch, number: str):
    assert "respond" not in rejecting.call(number)
    assert rejecting.sent == []


def test_while_we_are_away_calls_ring_under_their_own_names(rejecting: Switch, naming: Switch):
    tell(NUMBER, "block")
    rejecting.send = naming.send = lambda raw: AWAY
    assert "respond" not in rejecting.call(NUMBER)
    assert "effective_caller_id_name" not in naming.call(NUMBER, "Anna")


@pytest.mark.parametrize(
    ("action", "name"), [("block", "SPAM loan scam"), ("flag", "Spam? loan scam"), ("", None)]
)
def test_a_name_is_set_when_there_is_something_to_say(
    naming: Switch, action: str, name: str | None
):
    if action:
        tell(NUMBER, action)
    assert naming.call(NUMBER, "Anna").get("effective_caller_id_name") == name


def test_a_number_of_another_country_than_the_key_s(send: Callable[[bytes], Reply], naming: Switch):
    tell("+442079460123", "block")
    assert naming.call("+442079460123")["effective_caller_id_name"] == "SPAM loan scam"
