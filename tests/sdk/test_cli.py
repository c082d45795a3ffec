"""The command as scripts use it: a process, its output, its exit code."""

import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from ringscore import Client, Mirror, _cli
from ringscore._book import read_contacts
from ringscore._cli import main

from tests.given.feed_server import Feed, serving
from tests.given.sdk_server import ROOT, Server

pytestmark = pytest.mark.slow  # they ask a server that is started for them

Run = Callable[..., subprocess.CompletedProcess[str]]
FLAGGED, BLOCKED, OTHER = "+442079460001", "+442079460002", "+12025550143"


def environment(home: Path, **more: str) -> dict[str, str]:
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("RINGSCORE")},
        "PYTHONPATH": str(ROOT / "sdk" / "src"),
        "RINGSCORE_HOME": str(home),
        **more,
    }


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def run(*arguments: str, stdin: str = "", **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "ringscore", *arguments],
            input=stdin, capture_output=True, text=True, check=False, timeout=120,
            env=environment(tmp_path, **more),
        )  # fmt: skip

    return run


@pytest.fixture
def live(run: Run, server: Server, key: str) -> Run:
    """Against the live server; patient, as the machine may be busy."""

    def live(command: str, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return run(
            command, "--deadline", "20", *arguments,
            RINGSCORE_URL=server.url, RINGSCORE_KEY=key, **more,
        )  # fmt: skip

    return live


@pytest.fixture
def feed() -> Feed:
    feed = Feed()
    feed.say(**{FLAGGED: "flag", BLOCKED: "block"})
    feed.publish()
    return feed


@pytest.fixture
def feed_url(feed: Feed) -> Iterator[str]:
    with serving(feed) as url:
        yield url


def test_a_lookup_says_what_is_known(live: Run) -> None:
    done = live("lookup", OTHER)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{OTHER} allow 0\n")
    told = json.loads(live("lookup", "--json", OTHER).stdout)
    assert (told["number"], told["action"], told["first_reported_at"]) == (OTHER, "allow", None)
    assert live("lookup", "--private", OTHER).stdout == f"{OTHER} allow 0\n"


def test_many_numbers_come_from_standard_input(live: Run) -> None:
    done = live("lookup", "--json", "-", stdin=f"{OTHER}\nnonsense!\n\n{FLAGGED}\n")
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [each.get("number", each.get("input")) for each in told] == [
        OTHER,
        "nonsense!",
        FLAGGED,
    ]
    assert done.returncode == 1  # one of them is no number


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_standard_input_may_be_a_file_as_windows_saves_it(
    monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    content = io.BytesIO(f"{OTHER}\r\n\r\n{FLAGGED}\r\n".encode(encoding))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(content, errors="surrogateescape"))
    assert list(_cli._numbers(["-"])) == [OTHER, FLAGGED]


def test_a_report_is_filed(live: Run) -> None:
    done = live("report", "+12025550160", "robocall", "--at", "2026-11-20T09:30")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("+12025550160 reported: ")


def test_a_report_made_offline_is_kept_and_sent_later(live: Run, run: Run) -> None:
    nobody = {"RINGSCORE_URL": "http://127.0.0.1:9", "RINGSCORE_KEY": "rsk_x"}
    done = run("report", "+12025550161", "survey", **nobody)
    assert done.returncode == 4
    assert "1 kept" in done.stderr
    assert live("report", "+12025550162", "survey", "--later").returncode == 4
    done = live("report", "--json")
    assert [each["number"] for each in json.loads(done.stdout)] == ["+12025550161", "+12025550162"]
    assert done.returncode == 0
    assert live("report").returncode == 0


def test_a_refused_report_is_said_and_forgotten(live: Run) -> None:
    done = live("report", "12 monkeys !?", "survey")
    assert done.returncode == 1
    assert "refuses" in done.stderr
    assert live("report").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ([], 2, "COMMAND"),
        (["screen", OTHER], 2, "--on-failure"),
        (["screen", OTHER, "--on-failure", "allow", "--quiet", "late"], 2, "22:00-07:00"),
        (["report", OTHER, "nonsense"], 2, "other, legitimate)"),
        (["report", OTHER], 2, "category"),
        (["lookup", OTHER], 2, "RINGSCORE_URL"),
        (["lookup", OTHER, "--url", "ftp://example.org"], 2, "https://"),
        (["lookup", OTHER, "--region", "Germany"], 2, "ISO 3166"),
        (["lookup", OTHER, "--deadline", "0"], 2, "seconds above 0"),
        (["serve", "--on-failure", "allow", "--region", "UK"], 2, "ISO 3166"),
        (["serve", "--on-failure", "allow", "--port", "65536"], 2, "65535"),
        (["serve", "--on-failure", "allow", "--agi-port", "agi"], 2, "65535"),
        (["report", OTHER, "other", "--at", "yesterday"], 2, "2026-11-24T09:30"),
        (["lookup", OTHER, "--url", "http://127.0.0.1:9"], 3, "reached"),
        (["sync", "--url", "http://127.0.0.1:9"], 3, "reached"),
    ],
)
def test_what_goes_wrong_has_a_code_and_words(
    run: Run, arguments: list[str], code: int, words: str
) -> None:
    done = run(*arguments)
    assert done.returncode == code
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_wrong_region_of_the_environment_is_said_at_the_start(run: Run) -> None:
    done = run("serve", "--on-failure", "allow", RINGSCORE_REGION="Germany")
    assert (done.returncode, "ISO 3166" in done.stderr) == (2, True)


def test_sync_then_screen_offline(run: Run, feed_url: str, feed: Feed, tmp_path: Path) -> None:
    done = run("sync", "--verify", RINGSCORE_URL=feed_url)
    assert done.stdout == "2 listed at cursor 2: a snapshot and 0 changes\n", done.stderr
    feed.say(**{OTHER: "block"})
    told = json.loads(run("sync", "--json", RINGSCORE_URL=feed_url).stdout)
    assert told == {"snapshot": False, "changes": 1, "cursor": 3, "min_wait": 300, "count": 3}
    (tmp_path / "book").write_text(f"# friends\n{OTHER}  # Ann\n")
    offline = ("screen", "--offline", "--on-failure", "allow", "--contacts", str(tmp_path / "book"))
    codes = {caller: run(*offline, caller).returncode for caller in (FLAGGED, BLOCKED, OTHER)}
    assert codes == {FLAGGED: 10, BLOCKED: 11, OTHER: 0}
    assert json.loads(run(*offline, "--json", BLOCKED).stdout) == {
        "action": "block",
        "reasons": ["The number is listed, to be blocked."],
        "source": "mirror",
        "stale": False,
    }
    assert run(*offline, "--mode", "contacts", "+442079460099").returncode == 11


def test_screen_asks_the_live_server_privately(live: Run) -> None:
    done = live("screen", "--on-failure", "block", OTHER)
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "allow (private_lookup)")


def test_watch_follows_until_stopped(tmp_path: Path, feed_url: str, feed: Feed) -> None:
    feed.min_wait = 1
    process = subprocess.Popen(
        [sys.executable, "-m", "ringscore", "watch", "--json"],
        stdout=subprocess.PIPE, text=True, env=environment(tmp_path, RINGSCORE_URL=feed_url),
    )  # fmt: skip
    assert process.stdout is not None
    with process.stdout:
        assert json.loads(process.stdout.readline())["count"] == 2
        feed.say(**{OTHER: "block"})
        while (told := json.loads(process.stdout.readline()))["count"] != 3:
            assert told["changes"] == 0
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


class Proxy:
    """`ringscore serve`, running."""

    def __init__(self, home: Path, url: str, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "ringscore", "serve", "--port", "0", "--agi-port", "0",
             "--on-failure", "block", *arguments],
            stdout=subprocess.PIPE, text=True, env=environment(home, RINGSCORE_URL=url),
        )  # fmt: skip
        assert self.process.stdout is not None
        http, agi = self.process.stdout.readline().split(" and ")
        self.http = http.removesuffix("/screen")
        self.agi_port = int(agi.strip().rstrip("/").rpartition(":")[2])

    def stop(self) -> int:
        self.process.terminate()
        assert self.process.stdout is not None
        self.process.stdout.close()
        return self.process.wait(30)


@pytest.fixture
def proxy(tmp_path: Path, feed_url: str) -> Iterator[Proxy]:
    (tmp_path / "book.vcf").write_text(
        f"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ann\r\nTEL;TYPE=CELL:{OTHER}\r\nEND:VCARD\r\n"
    )
    proxy = Proxy(
        tmp_path, feed_url, "--contacts", str(tmp_path / "book.vcf"), "--block-name", "*loans*"
    )
    while httpx.get(f"{proxy.http}/status").json()["stale"]:  # not synced yet
        time.sleep(0.05)
    yield proxy
    assert proxy.stop() == 0


def test_serve_answers_over_http(proxy: Proxy, tmp_path: Path) -> None:
    def get(path: str, **headers: str) -> Any:
        return httpx.get(proxy.http + path, headers=headers)

    assert get(f"/screen?caller={BLOCKED}&format=text").text == "block\n"  # a bare plus
    told = get(f"/screen?caller=%2B{FLAGGED[1:]}")
    assert told.json() == {
        "action": "flag",
        "reasons": ["The number is listed, to be flagged."],
        "source": "mirror",
        "stale": False,
    }
    assert get(f"/screen?caller={OTHER}").json()["source"] == "contacts"
    assert get("/screen?caller=").json()["source"] == "withheld"
    named = get("/screen?caller=%2B442079460077&caller_name=City+Loans").json()
    assert (named["action"], named["source"]) == ("block", "block_list")
    near = get("/screen?caller=%2B12025560111&callee=%2B12025560122").json()
    assert near["action"] == "flag"
    assert get("/status").json()["count"] == 2
    assert get("/healthz").json() == {"status": "ok"}
    assert get("/screen").status_code == 400
    assert get("/elsewhere").status_code == 404
    assert get(f"/screen?caller={OTHER}", Host="evil.example").status_code == 403
    assert get(f"/screen?caller={OTHER}", Host="localhost:4574").status_code == 200
    (tmp_path / "book.vcf").write_text("+442079460088\n")  # read again when it has changed
    assert get("/screen?caller=+442079460088").json()["source"] == "contacts"


def test_serve_answers_programs_of_every_kind(proxy: Proxy) -> None:
    watched = httpx.head(f"{proxy.http}/healthz")
    assert (watched.status_code, watched.headers["Content-Length"], watched.text) == (200, "16", "")
    assert httpx.get(f"{proxy.http}/screen/?caller={BLOCKED}").json()["action"] == "block"
    refused = httpx.post(f"{proxy.http}/screen", json={"caller": BLOCKED})
    assert (refused.status_code, refused.headers["Allow"]) == (405, "GET, HEAD")
    assert refused.json() == {"error": "Use GET here."}
    assert b'"error": "Bad request version' in wire(proxy, b"GET / nonsense\r\n\r\n")
    # Old programs name no host, as browsers always do.
    asked = f"GET /screen?format=text&caller={BLOCKED}".encode()
    assert wire(proxy, asked + b" HTTP/1.0\r\n\r\n").endswith(b"\r\n\r\nblock\n")
    assert b" 403 " in wire(proxy, asked + b" HTTP/1.0\r\nHost: evil.example\r\n\r\n")
    assert b" 403 " in wire(proxy, asked + b" HTTP/1.1\r\nConnection: close\r\n\r\n")


def wire(proxy: Proxy, request: bytes) -> bytes:
    """What comes back for these bytes."""
    port = int(proxy.http.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(request)
        return b"".join(iter(lambda: connection.recv(65_536), b""))


def agi(port: int, *lines: str) -> dict[str, str]:
    """Speaks FastAGI as Asterisk does; returns the variables that were set."""
    found: dict[str, str] = {}
    with (
        socket.create_connection(("127.0.0.1", port), timeout=30) as connection,
        connection.makefile("rw", newline="\n") as channel,
    ):
        channel.write("".join(f"{line}\n" for line in lines) + "\n")
        channel.flush()
        for command in channel:
            words = command.strip().split(" ", 3)
            assert words[:2] == ["SET", "VARIABLE"]
            found[words[2]] = words[3].strip('"')
            channel.write("200 result=1\n")
            channel.flush()
    return found


def test_serve_speaks_fastagi(proxy: Proxy) -> None:
    said = (
        "agi_network: yes", "agi_request: agi://127.0.0.1/", "agi_channel: PJSIP/trunk-1",
        "agi_calleridname: unknown", "agi_dnid: unknown", "agi_extension: +442079460099",
    )  # fmt: skip
    assert agi(proxy.agi_port, *said, f"agi_callerid: {BLOCKED}") == {
        "RINGSCORE_ACTION": "block",
        "RINGSCORE_REASON": "The number is listed, to be blocked.",
        "RINGSCORE_SOURCE": "mirror",
        "RINGSCORE_STALE": "0",
    }
    assert agi(proxy.agi_port, *said, "agi_callerid: unknown")["RINGSCORE_SOURCE"] == "withheld"
    for verdict in ("failed", "Signature%20failed"):  # as URIENCODE writes Asterisk's own
        friend = agi(proxy.agi_port, *said, f"agi_callerid: {OTHER}", f"agi_arg_1: {verdict}")
        assert friend["RINGSCORE_ACTION"] == "flag"
    named = agi(
        proxy.agi_port, *said, "agi_callerid: +442079460077", "agi_calleridname: CITY LOANS"
    )
    assert named["RINGSCORE_REASON"] == "Your block list has the name *loans*."
    assert agi(proxy.agi_port, "GET / HTTP/1.1") == {}
    assert agi(proxy.agi_port, *said, f"agi_callerid: {BLOCKED}")["RINGSCORE_ACTION"] == "block"


def test_it_reads_national_numbers_with_a_region_and_says_what_it_lacks(
    tmp_path: Path,
    feed: Feed,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    def screen(caller: str, *more: str) -> tuple[int, str]:
        arguments = ["screen", caller, "--offline", "--on-failure", "allow", *more]
        code = main([*arguments, "--home", str(tmp_path)])
        return code, capsys.readouterr().err

    client = Client("http://ringscore.test", transport=httpx.MockTransport(feed))
    Mirror(tmp_path / "mirror", client).sync()
    for caller in ("020 7946 0002", BLOCKED, f"00{BLOCKED[1:]}"):
        assert screen(caller, "--region", "GB") == (11, "")
    # 00 is the plus, also in countries that dial 011 for it, and without a region.
    assert screen(f"00{BLOCKED[1:]}", "--region", "US") == (11, "")
    assert screen(f"00{BLOCKED[1:]}")[0] == 11
    code, said = screen("020 7946 0002")
    assert code == 0
    assert "--region" in said
    logged = [record.getMessage() for record in caplog.records if record.name == "ringscore"]
    assert logged == ["the number cannot be read: a call was decided by on_failure (allow)"]


def test_a_port_that_is_taken_is_named(run: Run) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        offline = ["serve", "--on-failure", "allow", "--offline"]
        for ports in (["--port", port], ["--port", "0", "--agi-port", port]):
            done = run(*offline, *ports)
            assert (done.returncode, f"port {port}" in done.stderr) == (1, True)
            assert "Traceback" not in done.stderr


def test_serve_answers_while_the_server_is_away(tmp_path: Path) -> None:
    proxy = Proxy(tmp_path, "http://127.0.0.1:9")
    try:
        told = httpx.get(f"{proxy.http}/screen?caller={OTHER}", timeout=30).json()
        assert (told["action"], told["source"]) == ("block", "failure")
        assert httpx.get(f"{proxy.http}/status").json() == {
            "mirror": True,
            "count": 0,
            "stale": True,
        }
    finally:
        assert proxy.stop() == 0


def test_address_books_are_read() -> None:
    card = (
        "BEGIN:VCARD\nVERSION:4.0\nTEL;VALUE=uri;TYPE=home:tel:+1-202-555-0100\n"
        "item1.TEL;TYPE=CELL:+44 7700\n  900123\nNOTE:TEL: none\nEND:VCARD\n"
    )
    assert read_contacts(card) == ["+1-202-555-0100", "+44 7700 900123"]
    assert read_contacts("# mine\n+12025550100 # Ann\n\n+447700900123\n") == [
        "+12025550100",
        "+447700900123",
    ]


def test_a_reader_that_has_enough_of_the_output_is_no_error(tmp_path: Path) -> None:
    """As in `ringscore screen … | true`."""
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "ringscore", "screen", OTHER, "--offline", "--on-failure", "allow"],
        stdout=writing, stderr=subprocess.PIPE, text=True, check=False, timeout=120,
        env=environment(tmp_path, RINGSCORE_REGION="US"),
    )  # fmt: skip
    os.close(writing)
    undecided = "ringscore: no source has an answer: a call was decided by on_failure (allow)\n"
    assert (done.returncode, done.stderr) == (0, undecided)
