"""The pages in a real browser: a phone without script in Chinese, a desktop with script in English.

SHOTS=/some/folder keeps a picture of each page.
"""

import json
import os
import re
import zipfile
from datetime import timedelta
from pathlib import Path

import pypdfium2
import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core import mail
from django.utils import timezone
from playwright.sync_api import Browser
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from reputation import moderation
from reputation.complaints.seeding import load
from reputation.disputes.deciding import decide_dispute
from reputation.identity import identify
from reputation.models import Dispute, Report
from reputation.quality import transparency
from tests.given.attachments import PNG
from tests.given.browsers import DESKTOP, PHONE, Reader, signed_in
from tests.given.reporters import SCAMMER, crowd, moderator
from tests.given.visitors import code_in_mail

pytestmark = pytest.mark.slow

# What rows say beside a number that may not be broken, in columns of a word.
SQUEEZED = """Array.from(document.querySelectorAll(".lines li > :first-child"))
    .filter(each => each.getBoundingClientRect().width < 150).map(each => each.textContent)"""


@pytest.fixture
def codes(settings: Settings, tmp_path: Path) -> Path:
    settings.CODE_SENDER = f"file:{tmp_path / 'codes'}"
    (tmp_path / "codes").mkdir()
    return tmp_path / "codes" / "codes.jsonl"


SAYS = {
    "en": {
        "locale": "en-GB",
        "look": "Look it up",
        "careful": "Be careful",
        "code": "Send me the code",
        "in": "Sign in",
        "report": "Send the report",
        "missing": "Choose what fits best.",
        "thanks": "Thank you. Your report is in.",
        "who": "Who takes my complaint?",
        "there": re.compile("Write to them.*12321"),
        "read": "Read the letter first",
        "pack": "All with the evidence (ZIP)",
        "sue": "Send a code to the number",
        "this": "Confirm the code",
        "open": "A moderator decides by",
        "right": "You were right.",
    },
    "zh": {
        "locale": "zh-CN",
        "look": "查询",
        "careful": "请小心",
        "code": "发送验证码",
        "in": "登录",
        "report": "提交举报",
        "missing": "请选择最接近的一项。",
        "thanks": "谢谢，您的举报已提交。",
        "who": "谁受理我的投诉？",
        "there": re.compile("向该部门投诉.*12321"),
        "read": "先看看投诉信",
        "pack": "全部材料及证据（ZIP）",
        "sue": "向这个号码发送验证码",
        "this": "提交验证码",
        "open": "之前作出决定",
        "right": "您的异议成立。",
    },
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("evidence_dir")
@pytest.mark.parametrize(
    ("language", "size", "script"),
    [("zh", PHONE, False), ("en", DESKTOP, True)],
    ids=["phone-zh-no-script", "desktop-en-script"],
)
def test_from_the_call_to_the_decision(
    browser: Browser,
    live_server: LiveServer,
    codes: Path,
    tmp_path: Path,
    language: str,
    size: dict[str, int],
    script: bool,
) -> None:
    load()
    crowd(4, "loan_scam", SCAMMER, at=timezone.now())
    context = browser.new_context(
        viewport=size,
        locale=SAYS[language]["locale"],
        java_script_enabled=script,
        accept_downloads=True,
    )
    context.set_default_timeout(15_000)
    reader = Reader(context.new_page(), live_server.url, size, f"{language}-{size['width']}")
    look_up(reader, language)
    sign_in(reader, language)
    (tmp_path / "screenshot.png").write_bytes(PNG)
    report(reader, language, tmp_path / "screenshot.png")
    complain(reader, language, tmp_path / "pack.zip")
    read_pack(tmp_path / "pack.zip", reader.name)
    context.clear_cookies()
    object_to_listing(reader, language, codes)
    read_decision(reader, language)
    context.close()
    assert reader.wrong == [f for f in reader.wrong if "400 (Bad Request)" in f]


def look_up(reader: Reader, language: str) -> None:
    """Nobody asks for an account."""
    says, page = SAYS[language], reader.page
    reader.go("/")
    reader.look("home")
    page.fill("#id_number", "138 1234 5678" if language == "zh" else "+86 138 1234 5678")
    reader.press(says["look"])
    assert says["careful"] in reader.look("number")


def sign_in(reader: Reader, language: str) -> None:
    """To report the number that was looked up, by a code in a mail."""
    says, page = SAYS[language], reader.page
    reader.follow(page.locator("main a.button").first)
    reader.look("sign-in")
    page.fill("#id_email", "anna@example.org")
    reader.press(says["code"])
    reader.look("code")
    page.fill("#id_code", code_in_mail())
    reader.press(says["in"])


def report(reader: Reader, language: str, screenshot: Path) -> None:
    says, page = SAYS[language], reader.page
    assert page.input_value("#id_number") == "+86 138 1234 5678"
    page.set_input_files("#id_files", screenshot)
    page.fill("#id_comment", "他们打电话到我单位。" if language == "zh" else "They call my work.")
    page.locator("details.more summary").click()
    page.locator("input[value=contacted_third_parties]").check()
    page.evaluate("document.querySelectorAll('[required]').forEach(e => e.required = false)")
    reader.press(says["report"])
    assert says["missing"] in reader.look("report-wrong")
    page.locator("input[value=illegal_collection]").check()
    page.set_input_files("#id_files", screenshot)
    reader.press(says["report"])
    shown = reader.look("reported")
    assert says["thanks"] in shown
    assert screenshot.name in shown


def complain(reader: Reader, language: str, pack: Path) -> None:
    """About the report, to the 12321 centre; saves what is to be sent there."""
    says, page = SAYS[language], reader.page
    reader.follow(page.locator("main p.actions a.button").first)
    page.select_option("#id_country", "CN")
    reader.press(says["who"])
    reader.look("who")
    reader.follow(page.get_by_role("button", name=says["there"]))
    reader.look("complaint")
    page.fill("#id_name", "安娜")
    reader.press(says["read"])
    assert "安娜" in reader.look("letter")
    with page.expect_download() as downloading:
        page.get_by_role("button", name=says["pack"]).click()
    downloading.value.save_as(pack)


def read_pack(file: Path, name: str) -> None:
    with zipfile.ZipFile(file) as pack:
        assert sum(each.endswith(".png") for each in pack.namelist()) == 1
        letter = pypdfium2.PdfDocument(pack.read("letter.pdf"))
    text = letter[0].get_textpage().get_text_range()
    assert "安娜" in "".join(each.get_textpage().get_text_range() for each in letter)
    assert "138 1234 5678" in text or "13812345678" in text
    picture = letter[0].render(scale=1).to_pil().convert("L")
    dark = sum(picture.histogram()[:128]) / (picture.width * picture.height)
    assert 0.005 < dark < 0.3, "letters on paper, neither none nor a black page"
    if folder := os.environ.get("SHOTS"):
        letter[0].render(scale=2).to_pil().save(f"{folder}/{name}-letter-pdf.png")
    letter.close()


def object_to_listing(reader: Reader, language: str, codes: Path) -> None:
    """As the holder, with the code that came to the number."""
    says, page = SAYS[language], reader.page
    reader.go(f"/numbers/{SCAMMER.key}/dispute")
    page.locator("input[value=mistaken]").check()
    page.fill("#id_statement", "This is a school.")
    reader.look("dispute")
    reader.press(says["sue"])
    reader.look("dispute-code")
    sent = json.loads(codes.read_text().splitlines()[-1])["text"]
    found = re.search(r"\d{4} \d{4}", sent)
    assert found, sent
    page.fill("#id_code", found[0])
    reader.press(says["this"])
    assert says["open"] in reader.look("dispute-open")


def read_decision(reader: Reader, language: str) -> None:
    """On the page of the dispute, which a moderator upholds meanwhile."""
    decide_dispute(
        actor=moderator(),
        dispute=Dispute.objects.get(),
        upheld=True,
        reason="The recordings are of another number.",
        now=timezone.now(),
    )
    reader.page.reload()
    shown = reader.look("dispute-decided")
    assert SAYS[language]["right"] in shown
    assert "The recordings are of another number." in shown


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("language", ["en-GB", "zh-CN"])
def test_letters_of_twice_the_size_fit_a_phone(
    browser: Browser, live_server: LiveServer, language: str
):
    """People who see badly set the size in the browser's settings."""
    now = timezone.now()
    crowd(4, "loan_scam", SCAMMER, at=now)
    bank = identify("+61255501301", allow_fictional=True)
    moderation.mark_official(
        actor=moderator(), identity=bank, name="Example Bank", reason="Its site.", now=now
    )
    page = signed_in(browser, live_server.url, language, PHONE, script=True)
    sizes = {"fontSizes": {"standard": 32}}
    page.context.new_cdp_session(page).send("Page.setFontSizes", sizes)
    reader = Reader(page, live_server.url, PHONE, f"large-{language}")
    number = f"/numbers/{SCAMMER.key}"
    numbers = (number, f"{number}/dispute", f"/numbers/{bank.key}")
    for path in ("/", *numbers, "/stop", "/statistics", "/report", "/my/keys", "/my/list"):
        reader.go(path)
        reader.look(path.strip("/").replace("/", "-") or "home")
    page.context.close()


@pytest.mark.django_db(transaction=True)
def test_what_paper_and_the_readers_own_colours_show(browser: Browser, live_server: LiveServer):
    """On paper no heading stands over nothing; a bar is filled or empty in any colours."""
    crowd(4, "loan_scam", SCAMMER, at=timezone.now())
    page = signed_in(browser, live_server.url, "en-GB", PHONE, script=False)
    reader = Reader(page, live_server.url, PHONE, "other-media")
    reader.go(f"/numbers/{SCAMMER.key}")
    page.emulate_media(forced_colors="active")
    filled = "each => getComputedStyle(document.querySelector(each)).fill"
    for place in (".meter", ".bars"):
        fill, track = (page.evaluate(filled, f"{place} {part}") for part in (".fill", ".track"))
        assert {fill, track} == {"rgb(0, 0, 0)", "rgb(255, 255, 255)"}
    reader.go(f"/report?number=%2B{SCAMMER.key[1:]}")
    page.locator("input[value=threat]").check()
    reader.press("Send the report")
    page.emulate_media(media="print")
    shown = page.locator("main h2").all()
    assert [each.inner_text() for each in shown if each.is_visible()] == [
        "What to do next",
        "What I said",
        "The calls",
    ]
    page.context.close()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("evidence_dir")
def test_nobody_is_kept_out(
    browser: Browser, live_server: LiveServer, settings: Settings, codes: Path
) -> None:
    """axe-core finds nothing: each page on a phone in English and dark, or a desktop in Chinese."""
    settings.FICTIONAL_NUMBERS = True
    load()
    axe = Axe()
    contexts = {
        "en": browser.new_context(viewport=PHONE, locale="en-GB", color_scheme="dark"),
        "zh": browser.new_context(viewport=DESKTOP, locale="zh-CN"),
        "hant": browser.new_context(viewport=PHONE, locale="zh-TW"),
    }
    sizes = {"en": PHONE, "zh": DESKTOP, "hant": PHONE}
    readers = {
        name: Reader(context.new_page(), live_server.url, sizes[name], f"axe-{name}")
        for name, context in contexts.items()
    }
    found: dict[str, list[str]] = {}

    def judge(path: str, *names: str) -> None:
        for name in names:
            found.update(faults_of(path, readers[name], axe))

    crowd(4, "loan_scam", SCAMMER, at=timezone.now())
    judge(f"/numbers/{SCAMMER.key}", "en", "zh")
    moderation.load_services(now=timezone.now())
    for path in ("/", "/numbers/+12025550109", "/advice", "/how", "/accounts/login/code/", "/stop"):
        judge(path, "en")
    judge("/lookup?number=12321&country=GB", "en")
    judge("/numbers/CN:95588", "en", "zh")
    for path in ("/lookup?number=x", f"/numbers/{SCAMMER.key}/dispute", "/directory"):
        judge(path, "zh")
    for path in ("/statistics", "/privacy", "/nothing"):
        judge(path, "zh")
    transparency.count_up(now=timezone.now() + timedelta(days=40))
    judge("/transparency", "en", "zh")
    judge("/about", "en", "zh")
    judge("/terms", "en")
    for path in ("/", "/advice?country=CN"):
        judge(path, "hant")
    del readers["hant"]
    for name, reader in readers.items():
        file_first_report(reader, f"{name}@example.org")
    for path in ("/report", "/my/reports", "/my/account", "/complaints?country=CN", "/my/list"):
        judge(path, "en" if path in ("/report", "/my/account", "/my/list") else "zh")
    readers["en"].go(f"/complaints?country=US&report={readers['en'].own.rpartition('/')[2]}")
    readers["en"].follow(readers["en"].page.locator("form.card button").first)
    judge(readers["en"].page.url.removeprefix(live_server.url), "en")
    for name, reader in readers.items():
        judge(reader.own, name)
        judge(f"{reader.own}/edit", name)
        judge(f"{reader.own}/calls", name)
        judge("/my/calls/import", name)
        judge("/my/watched?number=%2B8613812345672", name)
        reader.follow(reader.page.locator("main form button").first)
        judge("/my/watched", name)
    assert mail.outbox
    assert Report.objects.filter(category="threat").count() == 2
    for context in contexts.values():
        context.close()
    assert found == {}


def faults_of(path: str, reader: Reader, axe: Axe) -> dict[str, list[str]]:
    reader.go(path)
    reader.look(path.strip("/").replace("/", "-")[:30] or "home")
    judged = axe.run(reader.page, options={"resultTypes": ["violations", "passes"]})
    assert len(judged.response["passes"]) > 10, "it did look"
    found = {
        f"{reader.name} {path} {each['id']}": [node["html"][:200] for node in each["nodes"]]
        for each in judged.response["violations"]
    }
    if squeezed := reader.page.evaluate(SQUEEZED):
        found[f"{reader.name} {path} squeezed"] = squeezed
    return found


def file_first_report(reader: Reader, email: str) -> None:
    """Signs in on the way, and keeps the address of the report."""
    page = reader.page
    reader.go("/report?number=%2B8613812345672")
    page.fill("#id_email", email)
    reader.follow(page.locator("main form button").first)
    page.fill("#id_code", code_in_mail())
    reader.follow(page.locator("main form button").first)
    page.locator("input[value=threat]").check()
    reader.follow(page.locator("main form p.actions button").first)
    assert "/my/reports/" in page.url
    reader.own = page.url.removeprefix(reader.url).partition("?")[0]
