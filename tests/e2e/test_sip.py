"""Real calls through Kamailio, configured as docs/integrations/kamailio.md says.

SIPp calls through Kamailio, which asks the service, and SIPp picks up behind it: all on loopback.
Debian: apt-get install kamailio kamailio-json-modules kamailio-utils-modules
kamailio-extra-modules sip-tester (.ci/run does).
"""

import http.server
import json
import re
import shutil
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.utils import timezone

from reputation.lists import set_rule
from reputation.models import Number, Report, Reporter
from tests.e2e.server import ROOT, TOKEN
from tests.e2e.sip import PACKAGES, answers_sip, exchange, request
from tests.given.dialects import tell
from tests.given.processes import free_port, running, until

pytestmark = pytest.mark.slow

DOCUMENT = ROOT / "docs" / "integrations" / "kamailio.md"
WITH_TRANSACTION, WITHOUT_TRANSACTION = re.findall(
    r"```kamailio\n(.*?)```", DOCUMENT.read_text(), re.DOTALL
)

BLOCKED, FLAGGED, UNKNOWN = "+12025550123", "+12025550124", "+12025550199"

INVITE = """INVITE sip:1000@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
From: <sip:[caller]@[local_ip]:[local_port]>;tag=[call_number]
To: <sip:1000@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: <sip:[caller]@[local_ip]:[local_port]>
Max-Forwards: 70
Content-Length: 0

"""
IN_DIALOG = """{0} [next_url] SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
[routes]
From: <sip:[caller]@[local_ip]:[local_port]>;tag=[call_number]
To: <sip:1000@[remote_ip]:[remote_port]>[peer_tag_param]
Call-ID: [call_id]
CSeq: {1} {0}
Max-Forwards: 70
Content-Length: 0

"""
ACK_REJECTION = """ACK sip:1000@[remote_ip]:[remote_port] SIP/2.0
[last_Via:]
[last_From:]
[last_To:]
Call-ID: [call_id]
CSeq: 1 ACK
Max-Forwards: 70
Content-Length: 0

"""
RINGING = '<recv response="100" optional="true"/><recv response="180" optional="true"/>'


def sent(message: str, more: str = "") -> str:
    return f"<send{more}><![CDATA[\n{message}]]></send>"


CONNECTED = "".join(
    [
        '<scenario name="connected">',
        sent(INVITE, ' retrans="500"'),
        RINGING,
        '<recv response="200" rrs="true"/>',
        sent(IN_DIALOG.format("ACK", 1)),
        sent(IN_DIALOG.format("BYE", 2), ' retrans="500"'),
        '<recv response="200"/></scenario>',
    ]
)
REJECTED = "".join(
    [
        '<scenario name="rejected">',
        sent(INVITE, ' retrans="500"'),
        RINGING,
        '<recv response="{}"/>',
        sent(ACK_REJECTION),
        "</scenario>",
    ]
)


class Phones:
    """SIPp on both ends, and Kamailios between them."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder, self.stack = folder, stack
        self.made: dict[tuple[str, ...], int] = {}
        self.calls = 0
        self.callee = free_port(socket.SOCK_DGRAM)
        self.received = folder / "received"
        command = ["sipp", "-sn", "uas", "-i", "127.0.0.1", "-p", str(self.callee), "-nostdin"]
        command += ["-trace_msg", "-message_file", str(self.received)]
        stack.enter_context(running(command, folder))

    def proxy(self, configuration: str, url: str, *defines: str) -> int:
        """The port of a Kamailio with a documented configuration that asks `url`."""
        made = (configuration, url, *defines)
        if made not in self.made:
            port = free_port(socket.SOCK_DGRAM)
            file = self.folder / f"kamailio-{port}.cfg"
            file.write_text(configuration)
            command = ["kamailio", "-f", str(file), "-l", f"udp:127.0.0.1:{port}", "-DD", "-E"]
            command += ["-m", "16", "-M", "4", "-w", str(self.folder), "-Y", str(self.folder)]
            for define in (
                f'RINGSCORE_URL="{url}"',
                f'RINGSCORE_KEY="{TOKEN}"',
                f'NEXT_HOP="sip:127.0.0.1:{self.callee}"',
                *defines,
            ):
                command += ["-A", define]
            process = self.stack.enter_context(running(command, self.folder))
            until(
                lambda: process.poll() is not None or answers_sip(port), "Kamailio does not answer"
            )
            self.made[made] = port
        return self.made[made]

    def call(self, proxy: int, caller: str, scenario: str) -> str:
        """One call that must go as the scenario says; everything that the caller received."""
        self.calls += 1
        file, log = self.folder / f"{self.calls}.xml", self.folder / f"{self.calls}.log"
        file.write_text(f'<?xml version="1.0" encoding="UTF-8"?>{scenario}')
        command = ["sipp", f"127.0.0.1:{proxy}", "-sf", str(file), "-key", "caller", caller]
        command += ["-i", "127.0.0.1", "-p", str(free_port(socket.SOCK_DGRAM)), "-nostdin"]
        command += ["-m", "1", "-timeout", "10s", "-timeout_error"]
        # One of Kamailio's processes may pass on the ringing after another the answer.
        # Another answer than the scenario's is waited for in vain.
        command += ["-default_behaviors", "all,-abortunexp"]
        command += ["-trace_msg", "-message_file", str(log)]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, check=False)
        told = log.read_text() if log.exists() else ""
        assert done.returncode == 0, f"{caller} was not {scenario[16:26]}:\n{told}"
        return told


@pytest.fixture(scope="module")
def phones(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Phones]:
    missing = [name for name in ("kamailio", "sipp") if shutil.which(name) is None]
    if missing:
        # Programs of the system's: `make test` needs none of them, and .ci/run installs them.
        pytest.fail(f"no {' and no '.join(missing)} here: apt-get install {PACKAGES}")
    with ExitStack() as stack:
        yield Phones(tmp_path_factory.mktemp("sip"), stack)


@pytest.fixture
def numbers(key: str) -> None:
    tell(BLOCKED, "block")
    tell(FLAGGED, "flag")


def header(message: str, name: str) -> str:
    found = re.search(rf"^{name}: (.*?)\r?$", message, re.MULTILINE)
    return found[1] if found else ""


def test_a_listed_number_is_rejected_with_607(phones, service, numbers):
    proxy = phones.proxy(WITH_TRANSACTION, service)
    told = phones.call(proxy, BLOCKED, REJECTED.format(607))
    assert "SIP/2.0 607 Unwanted" in told
    redress = f"{service}/numbers/%2B12025550123/dispute"
    assert header(told, "Call-Info") == f"<{redress}>;purpose=info"
    assert BLOCKED not in phones.received.read_text()


def test_a_listed_number_is_rejected_with_608_and_a_card(phones, service, numbers):
    proxy = phones.proxy(WITH_TRANSACTION, service, "REJECT_608")
    # Others would have to hear the reason spoken (RFC 8688, 3.4).
    for caps in ("", "Feature-Caps: *;+sip.6081\n", "Feature-Caps: *;+g.3gpp.trf\n"):
        assert "SIP/2.0 607 Unwanted" in phones.call(
            proxy, BLOCKED, REJECTED.format(607).replace("Max-Forwards", f"{caps}Max-Forwards", 1)
        )
    knows = REJECTED.replace("Max-Forwards", "Feature-Caps: *;+sip.608\nMax-Forwards", 1)
    told = phones.call(proxy, BLOCKED, knows.format(608))
    assert "SIP/2.0 608 Rejected" in told
    card = f"{service}/numbers/%2B12025550123/dispute/card"
    assert header(told, "Call-Info") == f"<{card}>;purpose=jwscard"


def test_a_listed_number_is_rejected_with_603_and_an_address_for_redress(phones, service, numbers):
    proxy = phones.proxy(WITH_TRANSACTION, service, "REJECT_603PLUS")
    told = phones.call(proxy, BLOCKED, REJECTED.format(603))
    assert "SIP/2.0 603 Network Blocked" in told
    redress = f"{service}/numbers/%2B12025550123/dispute"
    assert header(told, "Reason") == (
        f'SIP;cause=603;text="v=analytics1;url={redress}";location=RLN'
    )


def test_flagged_and_unknown_numbers_are_connected(phones, service, numbers):
    proxy = phones.proxy(WITH_TRANSACTION, service)
    phones.call(proxy, UNKNOWN, CONNECTED)
    phones.call(proxy, FLAGGED, CONNECTED)
    heard = {
        header(message, "From")[5:17]: header(message, "X-Ringscore")
        for message in re.split(r"^-{20,}.*$", phones.received.read_text(), flags=re.MULTILINE)
        if "INVITE sip:" in message
    }
    assert heard[UNKNOWN] == ""
    score = Number.objects.get(key=FLAGGED).score
    assert heard[FLAGGED] == f"flag {score} loan_scam"


def test_what_no_number_is_is_connected(phones, service, numbers):
    """Nobody is asked about withheld callers, and they are not ours to reject."""
    before = remaining(service)
    phones.call(phones.proxy(WITH_TRANSACTION, service), "anonymous", CONNECTED)
    phones.call(phones.proxy(WITHOUT_TRANSACTION, service), "anonymous", CONNECTED)
    assert remaining(service) == before


@pytest.mark.parametrize("configuration", [WITH_TRANSACTION, WITHOUT_TRANSACTION])
def test_what_a_caller_writes_lets_no_listed_number_through(
    phones, service, numbers, configuration
):
    proxy = phones.proxy(configuration, service)
    listed = f"<sip:{BLOCKED}@127.0.0.1>"
    for place, (caller, more) in enumerate(
        [
            (f"<sip:{BLOCKED}@127.0.0.1;verstat=x>", ""),
            (f"<sip:{BLOCKED}@127.0.0.1;verstat=TN-Validation-Passed-D>", ""),
            (listed, "P-Asserted-Identity: garbage"),
            (listed, "P-Asserted-Identity: <sip:anonymous@127.0.0.1>"),
            (
                "<sip:anonymous@127.0.0.1>",
                f"P-Asserted-Identity: <sip:{BLOCKED}@127.0.0.1;verstat=&>",
            ),
        ]
    ):
        call = f"hostile{place}-{proxy}"
        message = request("INVITE", BLOCKED, proxy, call).replace(listed.encode(), caller.encode())
        if more:
            message = message.replace(b"Max-Forwards", more.encode() + b"\r\nMax-Forwards")
        assert b"SIP/2.0 607" in exchange(proxy, message), (caller, more)


@pytest.mark.parametrize(
    "name",
    ["x&format", "x&format=text", "x&region=nowhere", "x#", "x?", "x'y", "x%zz", "Zoë", "\xff"],
)
def test_no_name_lets_a_listed_number_through(phones, service, numbers, name):
    proxy = phones.proxy(WITH_TRANSACTION, service)
    plain = f"<sip:{BLOCKED}@127.0.0.1>"
    message = request("INVITE", BLOCKED, proxy, f"called{name.encode().hex()}-{proxy}")
    message = message.replace(plain.encode(), f'"{name}" {plain}'.encode())
    assert b"SIP/2.0 607" in exchange(proxy, message)


def test_the_name_that_a_caller_shows_is_held_against_ones_own_list(phones, service, key):
    reporter = Reporter.objects.get(kind="key", handle=TOKEN[4:12])
    for words in ("city loans", "贷款"):
        set_rule(reporter=reporter, action="block", pattern=f"name:*{words}*", now=timezone.now())
    proxy = phones.proxy(WITH_TRANSACTION, service)
    plain = f"<sip:{UNKNOWN}@127.0.0.1>"
    for place, (name, answer) in enumerate(
        [
            ('"CITY  Loans &x=\'%00"', b"SIP/2.0 607"),
            ("City Loans", b"SIP/2.0 607"),
            ('"城市贷款"', b"SIP/2.0 607"),
            (f'"贷款{"公司" * 50}"', b"SIP/2.0 607"),
            (f'"City Loans {"&" * 500}"', b"SIP/2.0 607"),
            ('"Jane Doe"', b"SIP/2.0 200"),
        ]
    ):
        message = request("INVITE", UNKNOWN, proxy, f"named{place}-{proxy}")
        message = message.replace(plain.encode(), f"{name} {plain}".encode())
        assert answer in exchange(proxy, message), name


def test_the_short_configuration(phones, service, numbers):
    proxy = phones.proxy(WITHOUT_TRANSACTION, service)
    told = phones.call(proxy, BLOCKED, REJECTED.format(607))
    assert "SIP/2.0 607 Unwanted" in told
    phones.call(proxy, UNKNOWN, CONNECTED)
    phones.call(proxy, FLAGGED, CONNECTED)


@pytest.mark.parametrize(
    ("configuration", "asked"),
    [(WITH_TRANSACTION, 1), (WITHOUT_TRANSACTION, 3)],
    ids=["with_transaction", "without_transaction"],
)
def test_a_repeated_invite_changes_nothing(phones, service, numbers, configuration, asked):
    proxy = phones.proxy(configuration, service)
    before = remaining(service)
    rows = list(Number.objects.order_by("key").values())
    again = request("INVITE", BLOCKED, proxy, call=f"repeated{asked}")
    answers = exchange(proxy, again, times=3)
    assert answers.count(b"SIP/2.0 607 Unwanted") == 3
    assert before - remaining(service) == asked
    assert list(Number.objects.order_by("key").values()) == rows
    assert Report.objects.count() == 2


@pytest.mark.parametrize("caller", [BLOCKED, UNKNOWN])
@pytest.mark.parametrize(
    "configuration",
    [WITH_TRANSACTION, WITHOUT_TRANSACTION],
    ids=["with_transaction", "without_transaction"],
)
@pytest.mark.parametrize("state", ["down", "hanging", "broken"])
def test_every_call_is_connected_without_the_service(
    phones, out_of_service, configuration, caller, state
):
    phones.call(phones.proxy(configuration, out_of_service(state)), caller, CONNECTED)


@pytest.fixture(scope="module")
def out_of_service() -> Iterator[Callable[[str], str]]:
    """URLs where nobody listens, where somebody listens and is silent, and where a page comes."""
    broken = http.server.HTTPServer(("127.0.0.1", 0), Page)
    with socket.create_server(("127.0.0.1", 0), backlog=64) as silent, broken:
        threading.Thread(target=broken.serve_forever, daemon=True).start()
        ports = {
            "down": free_port(),
            "hanging": silent.getsockname()[1],
            "broken": broken.server_port,
        }
        yield lambda state: f"http://127.0.0.1:{ports[state]}"
        broken.shutdown()


class Page(http.server.BaseHTTPRequestHandler):
    """What a misconfigured proxy answers: 200, and not what was asked for."""

    def do_GET(self) -> None:
        body = b"<html>block</html>"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


def remaining(service: str) -> int:
    """How many lookups the key has left, in a minute that is not about to end."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    asked = urllib.request.Request(f"{service}/v1/me", headers=headers)  # noqa: S310 -- ours
    while True:
        with urllib.request.urlopen(asked, timeout=5) as answer:  # noqa: S310
            lookups = json.load(answer)["limits"]["lookup"]
        if lookups["reset"] > 5:
            return int(lookups["remaining"])
        time.sleep(1)
