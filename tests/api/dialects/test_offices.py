"""The texts of docs/integrations for telephone systems of offices, used as their makers describe.

3CX: docs/server-side-crm-template-xml-description on 3cx.com. Yeastar: "Blocked Numbers Parameters"
and "Block Calls To or From a Phone Number" of the P-Series, on help.yeastar.com.
"""

import csv
import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest

from reputation.feeds.formats.entries import Entry, Head
from reputation.feeds.formats.lists import ndjson
from tests.given.dialects import Reply, examples, new_key, tell
from web.connecting import FOLDER

NUMBER = "+12025550123"
AWAY = Reply(0, {}, "", b"")


class Crm:
    """3CX's CRM engine with the documented template: one scenario that looks a number up."""

    def __init__(self, send: Callable[[bytes], Reply], key: str) -> None:
        self.send, self.sent = send, list[bytes]()
        [text] = examples("3cx.md", "xml")
        self.root = ElementTree.fromstring(text)  # noqa: S314 -- ours
        [scenario] = self.root.findall("Scenarios/Scenario")
        assert scenario.attrib == {"Id": "", "Type": "REST"}
        [parameter] = self.root.findall("Parameters/Parameter")
        self.scenario, self.values = scenario, {parameter.attrib["Name"]: key}

    def filled(self, text: str | None) -> str:
        return re.sub(r"\[(\w+)\]", lambda found: self.values[found[1]], text or "")

    def called_by(self, shown: str) -> dict[str, str]:
        """The contact that 3CX shows for a caller; none without address, name and this number."""
        number = self.root.find("Number")
        assert number is not None
        # Plus: what begins with + or 00 begins with +. Without MaxLength nothing is cut.
        assert number.attrib == {"Prefix": "Plus", "MaxLength": ""}
        self.values["Number"] = re.sub(r"^(\+|00)", "+", shown)
        reply = self.ask()
        try:
            body = json.loads(reply.body)
        except ValueError:
            return {}
        [rule] = self.scenario.findall("Rules/Rule")
        assert rule.get("Type") == "Equals"
        if str(body.get(rule.text, "")) != rule.get("Ethalon"):
            return {}
        for variable in self.scenario.findall("Variables/Variable"):
            self.values[variable.attrib["Name"]] = str(body.get(variable.attrib["Path"], ""))
        outputs = self.scenario.findall("Outputs/Output")
        contact = {each.attrib["Type"]: self.filled(each.get("Value")) for each in outputs}
        named = contact.get("CompanyName") or contact.get("FirstName") or contact.get("LastName")
        complete = contact.get("ContactUrl") and named
        return contact if complete and self.values["Number"] in contact.values() else {}

    def ask(self) -> Reply:
        request = self.scenario.find("Request")
        assert request is not None
        assert (request.get("RequestType"), request.get("ResponseType")) == ("Get", "Json")
        url = urlsplit(self.filled(request.get("Url")))
        lines = [
            f"{each.attrib['Key']}: {self.filled(each.text)}"
            for each in request.findall("Headers/Value")
        ]
        head = [f"GET {url.path} HTTP/1.1", f"Host: {url.netloc}", *lines, "", ""]
        self.sent.append("\r\n".join(head).encode())
        return self.send(self.sent[-1].replace(b"Host: your-service", b"Host: 127.0.0.1"))


@pytest.fixture
def crm(send: Callable[[bytes], Reply], db: None) -> Crm:
    return Crm(send, new_key("lookup", region="US"))


@pytest.mark.parametrize("shown", [NUMBER, "0012025550123", "12025550123", "2025550123"])
def test_3cx_names_who_is_blocked(crm: Crm, shown: str) -> None:
    assert crm.called_by(shown) == {}
    tell(NUMBER, "flag")
    assert crm.called_by(shown) == {}
    tell(NUMBER, "block", "")
    asked = crm.values["Number"]
    assert crm.called_by(shown) == {
        "ContactUrl": f"https://your-service/numbers/{asked}",
        "CompanyName": "SPAM loan_scam",
        "PhoneBusiness": asked,
    }
    assert crm.sent[-1].startswith(f"GET /v1/numbers/{asked} HTTP/1.1\r\n".encode())


def test_the_page_that_3cx_opens_is_there(crm: Crm, send: Callable[[bytes], Reply]) -> None:
    tell(NUMBER, "block")
    page = urlsplit(crm.called_by(NUMBER)["ContactUrl"]).path
    reply = send(f"GET {page} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    assert (reply.status, NUMBER in reply.body.decode()) == (200, True)


def test_3cx_names_nobody_without_a_verdict(crm: Crm) -> None:
    tell(NUMBER, "block")
    assert crm.called_by("anonymous") == {}
    crm.values["ApiKey"] = "rsk_wrong"
    assert crm.called_by(NUMBER) == {}
    crm.send = lambda raw: AWAY
    assert crm.called_by(NUMBER) == {}


def yeastar(folder: Path, entries: list[Entry], change: tuple[str, str] = ("", "")) -> list[str]:
    """The numbers that the PBX then blocks for calls from outside."""
    feed = b"".join(ndjson(entries, Head(feed="numbers", cursor=1, checksum=0, created=0)))
    (folder / "ringscore.ndjson").write_bytes(feed)
    [script] = examples("yeastar.md", "sh")
    _fetch, _, script = script.partition("snapshot?format=ndjson'\n")
    subprocess.run(["sh", "-c", script.replace(*change)], cwd=folder, check=True)
    with (folder / "ringscore.csv").open() as file:
        lists = list(csv.DictReader(file))
    assert len({each["Name"] for each in lists}) == len(lists) <= 256
    blocked = []
    for each in lists:
        assert len(each["Name"]) <= 127
        assert each["Type"] == "inbound"
        assert re.fullmatch(r"[0-9A-Za-z\[\]*#().\-+!&]+", each["Number"])
        numbers = each["Number"].split("&")
        assert len(numbers) <= 100
        blocked += numbers
    return blocked


def entry(place: int, action: str = "block", score: int = 95, campaign: str = "") -> Entry:
    return Entry(
        key=f"+1202{place:07}", action=action, category="robocall", score=score, changed=0,
        campaign=campaign,
    )  # fmt: skip


def test_yeastar_blocks_who_is_blocked(tmp_path: Path) -> None:
    listed = [entry(place) for place in range(250)]
    others = [entry(300, "flag"), entry(301, campaign="c1")]
    named = Entry(key="US@BANK", action="block", category="phishing", score=99, changed=0)
    found = yeastar(tmp_path, [*listed, *others, named])
    assert sorted(found) == [*(each.key for each in listed), entry(301).key]


def test_yeastar_gets_the_most_certain(tmp_path: Path) -> None:
    many = [entry(place, score=90 + place % 2) for place in range(40_000)]
    found = yeastar(tmp_path, many)
    assert len(set(found)) == 25_600
    assert {each.key for each in many if each.score == 91} <= set(found)


def test_yeastar_without_a_plus_and_without_a_number(tmp_path: Path) -> None:
    change = ("sort -rn", "tr -d + | sort -rn")
    assert "put `| tr -d +` before `sort`" in (FOLDER / "yeastar.md").read_text()
    assert yeastar(tmp_path, [entry(1)], change) == ["12020000001"]
    assert yeastar(tmp_path, []) == []
