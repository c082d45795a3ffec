"""The dialplans of docs/integrations for Asterisk and FreePBX, run as Asterisk runs them.

As its source does it (asterisk/asterisk: main/pbx.c, apps/app_stack.c, funcs/func_curl.c). What
FreePBX writes around them: FreePBX/core etc/extensions.conf, FreePBX/cidlookup functions.inc.php.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

import pytest

from tests.given.dialects import Reply, examples, new_key, tell
from web.connecting import KEY, parts

pytestmark = pytest.mark.django_db

NUMBER = "+12025550123"
OUTSIDE = """
[from-outside]
exten => 1000,1,Gosub(ringscore,s,1)
 same => n,Answer()
"""
# An inbound route with a source of names.
FREEPBX = """
[globals]
AMPUSER=x
[from-pstn]
include => from-pstn-custom
include => ext-did
include => ext-did-post-custom
include => from-did-direct
include => ext-did-catchall
[ext-did]
exten => 1000,1,Set(DIRECTION=INBOUND)
 same => n,Set(RECORDED=yes)
 same => n,Set(FROM_DID=${EXTEN})
 same => n,Answer()
[ext-did-catchall]
exten => s,1,Set(FROM_DID=${EXTEN})
 same => n,Answer()
"""


@dataclass
class Call:
    """A call, and what became of it."""

    number: str
    name: str
    exten: str = "1000"
    variables: dict[str, str] = field(default_factory=dict)
    options: dict[str, list[str]] = field(default_factory=dict)
    end: str = ""


class Pbx:
    """Asterisk with a dialplan, for one call at a time."""

    def __init__(self, send: Callable[[bytes], Reply], text: str) -> None:
        self.send, self.globals = send, dict[str, str]()
        self.steps: dict[str, dict[str, dict[int, tuple[str, str]]]] = {}
        self.includes: dict[str, list[str]] = {}
        context = exten = ""
        for line in (each.split(";")[0].strip() for each in text.splitlines()):
            if not line:
                continue
            if line.startswith("["):
                context = line.strip("[]")
                self.steps.setdefault(context, {})
                self.includes.setdefault(context, [])
            elif context == "globals":
                name, _, value = line.partition("=")
                self.globals[name] = value
            elif line.startswith("include"):
                self.includes[context].append(line.partition("=>")[2].strip())
            else:
                kind, _, rest = line.partition("=>")
                if kind.strip() == "exten":
                    exten, rest = rest.strip().split(",", 1)
                place, does = rest.strip().split(",", 1)
                label = re.search(r"\((\w+)\)", place)
                steps = self.steps[context].setdefault(exten, {})
                steps[len(steps) + 1] = (label[1] if label else "", does)

    def find(self, context: str, exten: str, step: int) -> str:
        """What stands there: the first context that has this very step, includes in their order."""
        known = self.steps.get(context, {})
        for name in sorted(known, key=lambda name: name.startswith("_")):
            if _fits(name, exten) and step in known[name]:
                return known[name][step][1]
        for included in self.includes.get(context, []):
            if does := self.find(included, exten, step):
                return does
        return ""

    def run(self, context: str, call: Call) -> Call:
        stack: list[tuple[str, str, int]] = []
        exten, step = call.exten, 1
        while not call.end:
            does = self.find(context, exten, step)
            assert does, (context, exten, step)
            call.variables["EXTEN"] = exten
            app, _, rest = does.partition("(")
            step += 1
            data = self.expand(rest.removesuffix(")"), call)
            if app == "ExecIf":
                condition, _, then = data.partition("?")
                app, data = ("NoOp", "") if condition == "0" else then.split("(", 1)
                data = data.removesuffix(")")
            if app == "Set":
                name, _, value = data.partition("=")
                self.set(name, value, call)
            elif app == "GotoIf":
                condition, _, label = data.partition("?")
                [there] = [
                    at for at, (name, _) in self.steps[context][exten].items() if label == name
                ]
                step = there if condition == "1" else step
            elif app in ("Gosub", "Goto"):
                if app == "Gosub":
                    stack.append((context, exten, step))
                context, exten, place = data.split(",")
                step = int(place)
            elif app == "Return":
                context, exten, step = stack.pop()
            elif app in ("Hangup", "Answer"):
                call.end = app if app == "Answer" else f"{app} {data}"
        return call

    def set(self, name: str, value: str, call: Call) -> None:
        if name == "CALLERID(name)":
            call.name = value
        elif name.startswith("CURLOPT("):
            call.options.setdefault(name[8:-1], []).append(value)
        else:
            call.variables[name] = value

    def expand(self, text: str, call: Call) -> str:
        """With variables and functions, whose values are not read again, then comparisons."""
        before, start, rest = text.partition("${")
        if start:
            depth, end = 1, 0
            while depth:
                depth += rest.startswith("${", end) - (rest[end] == "}")
                end += 1
            value = self.value(self.expand(rest[: end - 1], call), call)
            text = f"{before}{value}{self.expand(rest[end:], call)}"
        return re.sub(
            r'\$\["(.*?)" = "(.*?)"\]', lambda two: "1" if two[1] == two[2] else "0", text
        )

    def value(self, inner: str, call: Call) -> str:
        name, bracket, rest = inner.partition("(")
        if not bracket:
            return call.variables.get(name, self.globals.get(name, ""))
        rest = rest.removesuffix(")")
        if name == "CALLERID":
            return {"num": call.number, "name": call.name}[rest]
        if name == "URIENCODE":
            return quote(rest, safe="")
        if name == "CUT":
            variable, delimiter, place = rest.split(",")
            words = call.variables[variable].split(delimiter)
            return words[int(place) - 1] if int(place) <= len(words) else ""
        assert name == "CURL"
        return self.curl(rest, call)

    def curl(self, address: str, call: Call) -> str:
        assert call.options["conntimeout"] == call.options["httptimeout"] == ["1"]
        url = urlsplit(address)
        head = [f"GET {url.path}?{url.query} HTTP/1.1", "Host: 127.0.0.1"]
        head += ["User-Agent: asterisk-libcurl-agent/1.0", *call.options["httpheader"], "", ""]
        # A body of one line ends where its line ends.
        return self.send("\r\n".join(head).encode()).body.decode().rstrip("\n")


def _fits(name: str, exten: str) -> bool:
    if not name.startswith("_"):
        return name == exten
    return re.fullmatch(name[1:].replace(".", ".+").replace("X", "[0-9]"), exten) is not None


@pytest.fixture
def text() -> str:
    """The dialplan of asterisk.md with a key."""
    return KEY.sub(new_key("lookup", region="US"), parts()["asterisk"].code)


@pytest.fixture
def freepbx(text: str) -> str:
    """All of a FreePBX's dialplan: its own, the text, and what freepbx.md puts behind it."""
    *_, hook = examples("freepbx.md", "ini")
    return f"{FREEPBX}{text}{hook}"


@pytest.mark.parametrize("shown", [NUMBER, "12025550123", "2025550123"])
def test_asterisk_rejects_who_is_blocked(send, text: str, shown: str) -> None:
    pbx = Pbx(send, text + OUTSIDE)
    assert pbx.run("from-outside", Call(shown, "Jane Doe")).end == "Answer"
    tell(NUMBER, "flag")
    call = pbx.run("from-outside", Call(shown, "Jane Doe"))
    assert (call.end, call.name) == ("Answer", "Spam? loan_scam")
    tell(NUMBER, "block", "")
    for name in ("Jane Doe", "x&format=json", 'O"Hara, (x); $ 50% ?', "贷款"):
        assert pbx.run("from-outside", Call(shown, name)).end == "Hangup 21"


@pytest.mark.parametrize("body", [b"", b"<html>block</html>", b"ERROR block", b"blocked 9"])
def test_asterisk_connects_without_a_verdict(send, text: str, body: bytes) -> None:
    tell(NUMBER, "block")
    assert Pbx(send, text + OUTSIDE).run("from-outside", Call("anonymous", "")).end == "Answer"
    pbx = Pbx(lambda raw: Reply(200, {}, "", body), text + OUTSIDE)
    call = pbx.run("from-outside", Call(NUMBER, "Jane Doe"))
    assert (call.end, call.name) == ("Answer", "Jane Doe")


def test_freepbx_rejects_who_is_blocked_before_its_routes(send, freepbx: str) -> None:
    tell(NUMBER, "block")
    call = Pbx(send, freepbx).run("from-pstn", Call(NUMBER, "Jane Doe"))
    assert (call.end, call.variables.get("DIRECTION")) == ("Hangup 21", None)


def test_freepbx_runs_every_step_of_a_route_for_others(send, freepbx: str) -> None:
    call = Pbx(send, freepbx).run("from-pstn", Call(NUMBER, "Jane Doe"))
    assert (call.end, call.name) == ("Answer", "Jane Doe")
    assert {name: call.variables[name] for name in ("DIRECTION", "RECORDED", "FROM_DID")} == {
        "DIRECTION": "INBOUND", "RECORDED": "yes", "FROM_DID": "1000",
    }  # fmt: skip
    call = Pbx(send, freepbx).run("from-pstn", Call(NUMBER, "", exten="s"))
    assert (call.end, call.variables["FROM_DID"]) == ("Answer", "s")
