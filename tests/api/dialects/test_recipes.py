"""The texts of docs/integrations for programs that ask with `format=text`, run as these run them.

OpenSIPS/opensips: modules/rest_client/rest_methods.c. home-assistant/core:
homeassistant/components/rest_command. igor-sfdc/ncid: DOEXTEND in server/ncidd.h, onList in
server/nciddhangup.c. xenogenesi/jcblock: check_blacklist in jcblock.c.
twilio-labs/function-templates: blocklist-call/functions/blocklist-call.js.
"""

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.given.dialects import Reply, examples, new_key, tell
from web.connecting import KEY

NUMBER = "+12025550123"
NEIGHBOUR = "+12025550124"
LISTED = f"{NUMBER}\n+442079460123\n"
SHOWN = ["+12025550123", "12025550123", "2025550123"]
OPENSIPS = "GET /v1/numbers/{}?format=text HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\n"
# aiohttp behind yarl, which keeps %2B as it is.
HOME_ASSISTANT = (
    "GET /v1/numbers/{}?format=text HTTP/1.1\r\nHost: 127.0.0.1:8000\r\n"
    "User-Agent: HomeAssistant/2024.10.0 aiohttp/3.10.8 Python/3.12\r\nAccept: */*\r\n"
    "Accept-Encoding: gzip, deflate, br\r\n"
)
TWILIO = """
class VoiceResponse {
  reject() { this.said = "reject"; }
  redirect(address) { this.said = `redirect ${address}`; }
}
globalThis.Twilio = { twiml: { VoiceResponse } };
const [text, context, event] = process.argv.slice(1);
const exports = {};
eval(text);
exports.handler(JSON.parse(context), JSON.parse(event), (_, twiml) => console.log(twiml.said));
"""


class Door(BaseHTTPRequestHandler):
    """Passes requests on to the application as they came."""

    server: "House"

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        head = "\r\n".join([self.requestline, *map(": ".join, self.headers.items())])
        reply = self.server.send(f"{head}\r\n\r\n".encode())
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


class House(HTTPServer):
    """Answers in the test's own thread, whose transaction holds the numbers."""

    timeout = 0.1

    def __init__(self, send: Callable[[bytes], Reply]) -> None:
        super().__init__(("127.0.0.1", 0), Door)
        self.send, self.asked = send, list[str]()
        self.url = f"http://127.0.0.1:{self.server_port}"

    def output_of(self, *command: str | Path) -> str:
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            while process.poll() is None:
                self.handle_request()
            assert process.stdout is not None
            return process.stdout.read()


@pytest.fixture
def key(db: None) -> str:
    return new_key("lookup", region="US")


@pytest.fixture
def house(send: Callable[[bytes], Reply]) -> Iterator[House]:
    with House(send) as server:
        yield server


def patient(text: str, limit: str) -> str:
    """The text with a time limit that a busy machine keeps."""
    assert limit in text
    return text.replace(limit, re.sub(r"[0-9]+", "60000", limit))


def blocks(reply: Reply) -> bool:
    """As the scripts of OpenSIPS and Home Assistant decide."""
    return reply.status == 200 and reply.body.decode().startswith("block ")


@pytest.mark.parametrize("request_of", [OPENSIPS, HOME_ASSISTANT], ids=["OpenSIPS", "HA"])
@pytest.mark.parametrize("number", [*SHOWN, "%2B12025550123"])
def test_a_line_of_text_decides(send, key: str, request_of: str, number: str):
    raw = f"{request_of.format(number)}X-Api-Key: {key}\r\n\r\n".encode()
    answer = send(raw)
    assert answer == Reply(200, {}, "text/plain; charset=utf-8", b"UNKNOWN\n")
    tell(NUMBER, "flag")
    assert not blocks(send(raw))
    tell(NUMBER, "block", "")
    assert blocks(send(raw))


def test_what_home_assistant_makes_of_a_call_without_a_number(send, key: str):
    for shown in ("", "unknown", "None"):
        raw = f"{HOME_ASSISTANT.format(shown)}X-Api-Key: {key}\r\n\r\n".encode()
        assert (send(raw).status, send(raw).body[:6]) == (400, b"ERROR ")


@pytest.fixture
def hangup(house: House, key: str, tmp_path: Path) -> Callable[..., str]:
    """NCID's hangup extension, as ncidd calls it."""
    script = tmp_path / "hangup-ringscore"
    text = KEY.sub(key, patient(examples("ncid.md", "sh")[0], "--max-time 2"))
    script.write_text(text.replace("http://127.0.0.1:8000", house.url))

    def run(number: str, name: str = "NO NAME") -> str:
        call = f"*DATE*11302026*TIME*2015*LINE*-*NMBR*{number}*NAME*{name}*"
        return house.output_of("sh", script, call)

    return run


@pytest.mark.parametrize("number", SHOWN)
def test_ncid_hangs_up_on_who_is_blocked(hangup: Callable[..., str], number: str):
    tell(NUMBER, "block")
    assert hangup(number) == "hangup\n"
    assert hangup(number, f"x*NMBR*{NEIGHBOUR}") == "hangup\n"


def test_ncid_lets_others_ring(hangup: Callable[..., str], house: House):
    tell(NUMBER, "flag")
    assert [hangup(NUMBER), hangup(NEIGHBOUR, f"*NMBR*{NUMBER}")] == ["OK\n", "OK\n"]
    assert house.asked == [f"/v1/numbers/{each}?format=text" for each in (NUMBER, NEIGHBOUR)]


def test_ncid_asks_about_no_withheld_caller(hangup: Callable[..., str], house: House):
    for shown in ("PRIVATE", "OUT-OF-AREA", "NO-NUMBER", "ANONYMOUS", "-"):
        assert hangup(shown) == "OK\n"
    assert house.asked == []


def lists(place: int, folder: Path) -> list[str]:
    """The lines that a text of ncid.md makes of a feed."""
    (folder / "ringscore.txt").write_text(LISTED)
    subprocess.run(["sh", "-c", examples("ncid.md", "sh")[place]], cwd=folder, check=True)
    [file] = folder.glob("*black*")
    return file.read_text().splitlines()


def test_each_list_has_a_file_of_its_own():
    # With the ETag of another list's file, a list would never be fetched again.
    files = re.findall(r"--output (\S+)", "".join(examples("lists.md", "sh")))
    assert sorted(files) == sorted(set(files))
    assert "ringscore.txt" in examples("lists.md", "sh")[-1]  # as ncid.md reads it


def test_ncids_own_list(tmp_path: Path):
    assert lists(1, tmp_path) == ["^1?2025550123"]


def test_jcblocks_own_list(tmp_path: Path):
    [line] = lists(2, tmp_path)
    entry, _, rest = line.partition("?")
    assert entry in "DATE = 113026--TIME = 2015--NMBR = 2025550123--NAME = X--"
    assert re.fullmatch(r" [0-9]{6}  Ringscore", rest)
    # The date's place, and what jcblock refuses.
    assert (len(f"{entry}? "), len(line) >= 26, len(entry) <= 18) == (19, True, True)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("action", "event", "said"),
    [
        ("block", {"From": NUMBER, "StirVerstat": "TN-Validation-Passed-A-Diverted"}, "reject"),
        ("block", {"From": NUMBER}, "reject"),
        ("flag", {"From": NUMBER}, "redirect https://next"),
        ("block", {"From": "+266696687"}, "redirect https://next"),
        ("block", {}, "redirect https://next"),
    ],
)
def test_twilio_rejects_who_is_blocked(
    house: House, key: str, action: str, event: dict[str, str], said: str
):
    tell(NUMBER, action)
    context = {"RINGSCORE_URL": house.url, "RINGSCORE_KEY": key, "NEXT": "https://next"}
    [text] = examples("twilio.md", "js")
    arguments = (patient(text, "timeout(1000)"), json.dumps(context), json.dumps(event))
    assert house.output_of("node", "-e", TWILIO, *arguments) == f"{said}\n"
