"""One number's story over HTTP, on the real server: reported by four people in four ways,
confirmed, blocked, disputed in vain, and complained about with a pack that proves itself."""

import io
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from django.apps import apps
from django.contrib.auth.models import Group, User
from django.test import Client as Browser
from django.utils import timezone

from api import keys
from api.gateways import sms
from reputation.models import AuditEntry, Dispute, Number, Report
from reputation.moderation import roles
from tests.e2e.server import ROOT, Server
from tests.given.attachments import PNG
from tests.given.authorities import load_authorities

sys.path.insert(0, str(ROOT / "sdk" / "src"))

from ringscore import Action, Client, OnFailure, Screener

pytestmark = pytest.mark.slow

CALLER = "+8613812345678"
TWILIO = "the account's auth token"
REPORTS = "reports@ringscore.example"


@dataclass
class World:
    """The server, and the folders that take the place of a mail server and of phones."""

    server: Server
    mail: Path
    codes: Path
    closing: ExitStack

    @property
    def url(self) -> str:
        return self.server.url

    def letters(self, to: str) -> list[tuple[str, str]]:
        """(subject, text) of what was sent to an address, in order."""
        found = []
        for path in sorted(self.mail.iterdir(), key=lambda each: each.stat().st_mtime_ns):
            for raw in path.read_bytes().split(b"-" * 79 + b"\n"):
                message = message_from_bytes(raw.strip(), policy=policy.default)
                if message["To"] == to:
                    found.append((message["Subject"], message.get_content()))
        return found

    def client(self, key: str = "") -> Client:
        return self.closing.enter_context(Client(self.url, key=key))

    def key(self, *scopes: str) -> str:
        return keys.create_key(name="journey", scopes=list(scopes), now=timezone.now())[1]

    def told(self) -> tuple[str, str, int]:
        """What anybody is told of the caller: (action, status, reports)."""
        answer = httpx.get(f"{self.url}/v1/numbers/{CALLER}").json()
        return answer["action"], answer["status"], answer["reports"]


@pytest.fixture
def world(transactional_db: None, tmp_path: Path) -> Iterator[World]:
    roles.install(apps)  # a test before may have emptied all tables
    load_authorities()
    mail, codes = tmp_path / "mail", tmp_path / "codes"
    mail.mkdir()
    server = Server(
        EMAIL_URL=f"file:{mail}",
        CODE_SENDER=f"file:{codes}",
        EVIDENCE_DIR=str(tmp_path / "evidence"),
        FEEDS_DIR=str(tmp_path / "feeds"),
        INTAKE_ADDRESS=REPORTS,
        INTAKE_TWILIO_TOKEN=TWILIO,
        INTAKE_REGION="CN",
    ).start()
    with ExitStack() as closing:
        closing.callback(server.stop)
        yield World(server, mail, codes, closing)


def form_of(page: httpx.Response) -> dict[str, str]:
    """What the page's form sends besides what a person types: its token, and decisions seen."""
    names = "csrfmiddlewaretoken|seen"
    found = dict(re.findall(rf'name="({names})" value="([^"]*)"', page.text))
    assert "csrfmiddlewaretoken" in found, page.text
    return found


def by_program(world: World) -> tuple[str, str]:
    """A program reports for somebody, with a screenshot. Its key, and the report's id."""
    token = world.key("report", "lookup")
    client = world.client(token)
    receipt = client.report(
        CALLER,
        "illegal_collection",
        conduct=["threats"],
        comment="Pay today or we call your mother.",
        call_count=6,
        occurred_at=timezone.now(),
    )
    client.add_evidence(receipt.id, PNG, name="call log.png")
    return token, str(receipt.id)


def by_web_page(world: World) -> None:
    """Somebody signs in with the code in their mail, and fills the form in."""
    with httpx.Client(base_url=world.url, follow_redirects=True) as person:
        asked = person.get("/report")
        assert asked.url.path == "/accounts/login/code/"
        sent = {"email": "anna@example.org", "next": "/report"}
        confirm = person.post(str(asked.url), data=form_of(asked) | sent)
        [(_, letter)] = world.letters("anna@example.org")
        code = re.search(r"^    (\S+)$", letter, re.MULTILINE)
        assert code, letter
        form = person.post(
            str(confirm.url), data=form_of(confirm) | {"code": code[1], "next": "/report"}
        )
        said = {"number": CALLER, "category": "illegal_collection", "channel": "call"}
        done = person.post("/report", data=form_of(form) | said)
        assert "Thank you. Your report is in." in done.text


def by_sms(world: World) -> None:
    """An SMS as 12321 asks for it, through a gateway that signs."""
    fields = {
        "MessageSid": "SM0001",
        "From": "+8613987654321",
        "Body": "昨天下午3点 13812345678 催收，威胁上门",
    }
    body = urlencode(fields).encode()
    path = f"{world.url}/v1/intake/sms"
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Twilio-Signature": sms.twilio_signature(TWILIO, path, body),
    }
    answers = [httpx.post(path, content=body, headers=headers) for _ in range(2)]
    assert answers[0].text == answers[1].text
    assert "已举报：+86 138 1234 5678" in answers[0].text


def by_email(world: World) -> None:
    """A letter for whose sender nobody vouches: it counts once its sender has confirmed."""
    headers = {
        "Authorization": f"Bearer {world.key('intake')}",
        "Content-Type": "message/rfc822",
    }

    def post(subject: str, text: str) -> str:
        raw = (
            f"From: wang@example.org\nTo: {REPORTS}\nSubject: {subject}\n"
            f"Message-ID: <{len(subject)}@example.org>\n"
            f"Content-Type: text/plain; charset=utf-8\n\n{text}\n"
        )
        answer = httpx.post(f"{world.url}/v1/intake/email", content=raw.encode(), headers=headers)
        return str(answer.json()[0]["status"])

    assert post("Complaint", "Number: 13812345678\nThey collect debts I do not have.") == "asked"
    assert world.told()[2] == 3
    [(question, _)] = world.letters("wang@example.org")
    assert post(f"Re: {question}", "yes") == "answered"
    [_, (_, answer)] = world.letters("wang@example.org")
    assert "Reported: +86 138 1234 5678" in answer


def moderating(world: World, name: str) -> Callable[[str, int, str], None]:
    """A moderator at work in the panel: decides by posting the form behind a button."""
    user = User.objects.create_user(name, is_staff=True)
    user.groups.add(Group.objects.get(name=roles.MODERATOR))
    signed_in = Browser()
    signed_in.force_login(user)
    cookies = {"sessionid": signed_in.cookies["sessionid"].value}
    panel = world.closing.enter_context(httpx.Client(base_url=world.url, cookies=cookies))

    def decide(kind: str, pk: int, verb: str) -> None:
        path = f"/admin/reputation/{kind}/{pk}/decide/{verb}/"
        page = panel.get(path)
        done = panel.post(path, data=form_of(page) | {"reason": "Four people tell the same."})
        assert done.status_code == 302, done.text

    return decide


def test_one_number_s_story(world: World, tmp_path: Path) -> None:
    token, mine = by_program(world)
    by_web_page(world)
    by_sms(world)
    by_email(world)

    reported = Report.objects.live().filter(number__key=CALLER)
    assert sorted(reported.values_list("reporter__kind", flat=True)) == [
        *("email", "key", "person", "sms")
    ]
    assert set(reported.values_list("category", flat=True)) <= {"illegal_collection", "threat"}
    assert world.told()[2] == 4
    assert world.told()[0] != "block"  # four newcomers alone never block

    # A moderator confirms, and from then on a client's screener blocks the call.
    number = Number.objects.get(key=CALLER)
    decide = moderating(world, "judge")
    decide("number", number.pk, "confirm_number")
    assert world.told() == ("block", "listed", 4)
    screener = Screener(client=world.client(), on_failure=OnFailure.ALLOW)
    decision = screener.screen(CALLER, contacts=["+8613900000001"])
    assert (decision.action, decision.stale) == (Action.BLOCK, False)
    assert screener.screen(CALLER, contacts=[CALLER]).action is Action.ALLOW

    # The holder proves that it is their number. A moderator confirmed it, so it is held at flag
    # when a moderator has looked, until somebody decides.
    holder = world.client()
    dispute = holder.dispute(CALLER, "mistaken", "We never call anybody.")
    [code] = [json.loads(line) for line in (world.codes / "codes.jsonl").read_text().splitlines()]
    assert code["to"] == CALLER
    digits = re.search(r"\d{6,}", code["text"].replace(" ", ""))
    assert digits, code
    assert holder.verify_dispute(dispute.id, digits[0]).status == "open"
    assert world.told() == ("block", "listed", 4)
    decide("dispute", Dispute.objects.get().pk, "hold_dispute")
    assert world.told() == ("flag", "disputed", 4)
    decide("dispute", Dispute.objects.get().pk, "reject_dispute")
    lost = holder.dispute_status(dispute.id)
    assert (lost.status, lost.reason) == ("rejected", "Four people tell the same.")
    assert world.told() == ("block", "listed", 4)
    assert list(AuditEntry.objects.order_by("id").values_list("verb", flat=True)) == [
        *("confirm_number", "hold_dispute", "reject_dispute")
    ]

    # A complainant's pack is checked by a bare Python, which knows nothing of us.
    headers = {"Authorization": f"Bearer {token}"}
    prepared = httpx.post(
        f"{world.url}/v1/complaints",
        json={"reports": [mine], "authority": "cn-12321"},
        headers=headers,
    ).json()
    pack = httpx.post(
        f"{world.url}/v1/complaints/{prepared['id']}/pack",
        json={"complainant": {"name": "王小明"}},
        headers=headers,
        timeout=30,
    )
    folder = tmp_path / "pack"
    with zipfile.ZipFile(io.BytesIO(pack.content)) as archive:
        archive.extractall(folder)
    assert verify(folder) == 0
    [picture] = folder.glob("evidence/**/*.png")
    assert picture.read_bytes() == PNG
    picture.write_bytes(PNG[:-1] + b"\0")
    assert verify(folder) != 0


def verify(folder: Path) -> int:
    """The exit status of the pack's own script, run by the Python that this environment was made
    of: it has none of our libraries."""
    bare = sys._base_executable
    return subprocess.run(
        [bare, "-I", next(folder.rglob("verify.py"))],
        env={},
        cwd="/",
        capture_output=True,
        check=False,
    ).returncode
