"""POST and GET /v1/reports/{id}/evidence, GET …/{sha256}"""

from typing import Any

import pytest

from reputation.attachments.log import entry_fields, verify_evidence
from reputation.models import EvidenceEntry, Report, Reporter
from tests.given.api_evidence import add, form, part
from tests.given.api_reports import NOBODYS, filed, no_report
from tests.given.api_requests import Answer, Holder, ask, holder, trouble
from tests.given.attachments import FILES, MAIL, PNG, REFUSED, keep_evidence_in, sha256, stored

pytestmark = pytest.mark.django_db

ZEROS = "0" * 64
KINDS = (
    "This is no kind of file that can be evidence here. Send a picture (PNG, JPEG, WebP, HEIC), a "
    "PDF, a recording (WAV, MP3, AAC, M4A, MP4, 3GP, AMR, Ogg), an e-mail (EML) or plain text such "
    "as a call log in CSV."
)
AWAY = "Evidence can be neither stored nor read now. Nothing was recorded: try again later."


def entry(report: str, content: bytes = PNG, **fields: Any) -> dict[str, Any]:
    stored = EvidenceEntry.objects.get(report__public_id=report, sha256=sha256(content))
    return {
        "report": report,
        "position": 1,
        "sha256": sha256(content),
        "size": len(content),
        "type": "image/png",
        "name": "shot.png",
        "added_at": "2026-11-24T12:00:00.000000Z",
        "previous": ZEROS,
        "digest": stored.digest,
    } | fields


def test_adding_a_file(evidence_dir):
    by = holder("report")
    report = filed(by)
    answer = add(by, report)
    assert answer.status == 201
    assert answer.json == entry(report)
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.left == (120, 119)
    assert stored(evidence_dir) == [f"{sha256(PNG)[:2]}/{sha256(PNG)}"]


def test_the_same_file_again_and_another(evidence_dir):
    by = holder("report")
    report = filed(by)
    first, again, other = (
        add(by, report),
        add(by, report, name="renamed.png"),
        add(by, report, MAIL, "通话.eml"),
    )
    assert (first.status, again.status, other.status) == (201, 200, 201)
    assert again.json == first.json
    assert other.json == entry(
        report,
        MAIL,
        position=2,
        type="message/rfc822",
        name="通话.eml",
        previous=first.json["digest"],
    )
    assert verify_evidence(Report.objects.get()) == []


@pytest.mark.parametrize(("content", "media_type"), FILES.values(), ids=FILES)
def test_every_kind_by_its_content(evidence_dir, content, media_type):
    by = holder("report")
    answer = add(by, filed(by), content, "x.exe")
    assert (answer.status, answer.json["type"]) == (201, media_type)
    assert answer.json["sha256"] == sha256(content)


@pytest.mark.parametrize("content", REFUSED.values(), ids=REFUSED)
def test_other_kinds(evidence_dir, content):
    by = holder("report")
    answer = add(by, filed(by), content)
    assert answer.status == 415
    assert answer.json == trouble(
        *(415, "Unsupported Media Type", "unsupported-type", KINDS),
        ("#/file", "unsupported-type", KINDS),
    )
    assert not EvidenceEntry.objects.exists()
    assert stored(evidence_dir) == []


# --- Reading it again ---


def test_the_evidence_of_a_report_is_listed_in_order(evidence_dir):
    by = holder("report")
    report = filed(by)
    empty = ask("GET", f"/v1/reports/{report}/evidence", by=by)
    assert (empty.status, empty.json) == (200, {"report": report, "results": []})
    added = [add(by, report).json, add(by, report, MAIL).json]
    answer = ask("GET", f"/v1/reports/{report}/evidence", by=by)
    assert answer.status == 200
    assert answer.json == {"report": report, "results": added}
    for shown, kept in zip(added, EvidenceEntry.objects.order_by("position"), strict=True):
        assert shown == entry_fields(kept) | {"digest": kept.digest}


@pytest.mark.parametrize(
    ("content", "ending"), [(PNG, "png"), (MAIL, "eml"), (FILES["a page, which is text"][0], "txt")]
)
def test_a_file_comes_back_as_it_was_and_never_opens_in_a_browser(evidence_dir, content, ending):
    by = holder("report")
    report = filed(by)
    add(by, report, content, "evil.html")
    answer = ask(
        "GET", f"/v1/reports/{report}/evidence/{sha256(content)}", by=by, for_browsers=True
    )
    assert (answer.status, answer.body) == (200, content)
    name = f"evidence-{sha256(content)[:12]}.{ending}"
    assert {
        name: value for name, value in answer.headers.items() if not name.startswith("RateLimit")
    } == {
        "Content-Type": "application/octet-stream",
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Length": str(len(content)),
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "private, no-store",
        "Allow": "GET, HEAD, OPTIONS",
        # Of every answer to a browser.
        "Cross-Origin-Opener-Policy": "same-origin",
        "Referrer-Policy": "same-origin",
        "X-Frame-Options": "DENY",
    }


def test_a_withdrawn_report_keeps_its_evidence(evidence_dir):
    by = holder("report")
    report = filed(by)
    add(by, report)
    assert ask("DELETE", f"/v1/reports/{report}", by=by).status == 204
    answer = ask("GET", f"/v1/reports/{report}/evidence/{sha256(PNG)}", by=by)
    assert (answer.status, answer.body) == (200, PNG)
    assert add(by, report, MAIL).status == 201


def test_what_a_recording_says_becomes_part_of_the_report_s_words(evidence_dir):
    by = holder("report")
    report = filed(by)

    def say(words: str, content: bytes = PNG) -> Answer:
        said = part(words.encode(), field="transcript", name=None)
        return add(by, report, body=form(part(content), said))

    said = "Call my lawyer at +1 202 555 0143."
    assert [say(said).status, say(said).status, say("Pay today.", MAIL).status] == [201, 200, 201]
    kept = Report.objects.get(public_id=report)
    assert kept.transcript == f"{said}\nPay today."
    assert "555 0143" not in kept.transcript_public
    assert kept.transcript_public.endswith("Pay today.")
    assert kept.revisions.count() == 2
    ask("DELETE", f"/v1/reports/{report}", by=by)
    assert say("Goodbye.").status == 200
    kept.refresh_from_db()
    assert (kept.status, kept.transcript[-8:]) == ("withdrawn", "Goodbye.")
    for words in "a" * 4001, "a" * 3990:
        answer = say(words, FILES["wav"][0])
        assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, "#/transcript")
    assert EvidenceEntry.objects.count() == 2


def test_nothing_of_it_is_public(evidence_dir):
    by = holder("report", "lookup")
    report = filed(by)
    add(by, report, MAIL, "my-name.eml")
    for target in ("/v1/numbers/+8613812345678", "/v1/numbers/+8613812345678/reports"):
        answer = ask("GET", target)
        assert answer.status == 200
        assert b"my-name" not in answer.body
        assert sha256(MAIL).encode() not in answer.body


# --- Whose it is ---


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "evidence"), ("POST", "evidence"), ("GET", f"evidence/{sha256(PNG)}")],
)
def test_keys_scopes_and_owners(evidence_dir, method, path):
    by = holder("report")
    report = filed(by)
    add(by, report)

    def go(key: Holder | str, report: str = report) -> Answer:
        if method == "POST":
            return add(key, report, MAIL)
        return ask(method, f"/v1/reports/{report}/{path}", by=key)

    nobody = go("")
    assert nobody.status == 401
    assert nobody.json == trouble(
        *(401, "Unauthorized", "key-required"),
        "This needs an API key: send `Authorization: Bearer <key>`.",
    )
    reader = go(holder("lookup"))
    assert reader.status == 403
    assert reader.json == trouble(
        *(403, "Forbidden", "scope-missing"),
        "This key lacks the scope `report`. Use a key that was made with it.",
    )
    other = go(holder("report"))
    assert other.status == 404
    assert other.json == no_report(report)
    assert go(by, NOBODYS).json == no_report(NOBODYS)
    assert EvidenceEntry.objects.count() == 1


def test_ids_and_digests_may_be_in_capitals(evidence_dir):
    """Swift writes UUIDs so, and PowerShell and .NET digests."""
    by = holder("report")
    report = filed(by)
    add(by, report)
    mine = f"/v1/reports/{report.upper()}"
    assert ask("GET", mine, by=by).json["id"] == report
    assert ask("GET", f"{mine}/evidence/{sha256(PNG).upper()}", by=by).body == PNG
    assert ask("DELETE", mine, by=by).status == 204


@pytest.mark.parametrize("name", [sha256(MAIL), "x", "..%2F..%2Fetc"])
def test_no_such_file(evidence_dir, name):
    by = holder("report")
    report = filed(by)
    add(by, report)
    answer = ask("GET", f"/v1/reports/{report}/evidence/{name}", by=by)
    assert answer.status == 404
    code, detail = (
        ("not-found", "There is nothing at this address. See /v1/docs.")
        if "%2F" in name
        else (
            "evidence-not-found",
            "The report has no such file. Its list of evidence has the SHA-256 of each.",
        )
    )
    assert answer.json == trouble(404, "Not Found", code, detail)


def test_a_blocked_reporter_reads_and_adds_nothing(evidence_dir):
    by = holder("report")
    report = filed(by)
    add(by, report)
    Reporter.objects.update(blocked_at="2026-11-24T12:00:00Z")
    answer = add(by, report, MAIL)
    assert answer.status == 403
    assert answer.json == trouble(
        *(403, "Forbidden", "reporter-blocked"),
        "Evidence from this reporter is no longer accepted. Write to the moderators to appeal.",
    )
    assert ask("GET", f"/v1/reports/{report}/evidence/{sha256(PNG)}", by=by).body == PNG


# --- Bounds ---


def too_large(most: int) -> dict[str, Any]:
    detail = f"The file has more than {most} bytes. Send a smaller copy, or the part that matters."
    return trouble(
        *(413, "Content Too Large", "too-large", detail), ("#/file", "too-large", detail)
    )


def test_the_largest_file_and_one_byte_more(evidence_dir, settings):
    settings.EVIDENCE_MAX_BYTES = len(PNG)
    by = holder("report")
    report = filed(by)
    assert add(by, report).status == 201
    answer = add(by, report, PNG + b"\x00")
    assert (answer.status, answer.json) == (413, too_large(len(PNG)))
    assert EvidenceEntry.objects.count() == 1


def test_ten_megabytes_and_no_more(evidence_dir):
    by = holder("report")
    report = filed(by)
    content = PNG + bytes(10_000_000 - len(PNG))
    answer = add(by, report, content)
    assert (answer.status, answer.json["size"]) == (201, 10_000_000)
    assert ask("GET", f"/v1/reports/{report}/evidence/{sha256(content)}", by=by).body == content
    assert add(by, report, content + b"\x00").json == too_large(10_000_000)


def test_what_is_said_to_be_far_too_large_is_not_read(evidence_dir):
    by = holder("report")
    # No body at all: reading would be noticed as an upload that was cut short.
    answer = add(by, filed(by), body=b"", more={"CONTENT_LENGTH": "50000000"})
    assert (answer.status, answer.json) == (413, too_large(10_000_000))


def test_as_many_files_as_a_report_takes(evidence_dir, settings):
    settings.EVIDENCE_MAX_FILES = 2
    by = holder("report")
    report = filed(by)
    assert [add(by, report, b"file %d" % n).status for n in range(2)] == [201, 201]
    detail = (
        "A report takes 2 files, and this one has them. "
        "Put what belongs together into one file, such as a PDF."
    )
    answer = add(by, report)
    assert answer.status == 409
    assert answer.json == trouble(
        *(409, "Conflict", "evidence-full", detail), ("#/file", "evidence-full", detail)
    )
    assert len(stored(evidence_dir)) == 2


def test_more_than_an_hour_allows(evidence_dir, settings):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"evidence": {"anonymous": None, "key": "1/h"}}
    by = holder("report")
    report = filed(by)
    add(by, report)
    answer = add(by, report, MAIL)
    assert answer.status == 429
    assert answer.json["type"] == "urn:ringscore:problem:rate-limited"
    assert 0 < int(answer.headers["Retry-After"]) <= 3600
    assert EvidenceEntry.objects.count() == 1
    assert answer.headers["RateLimit-Remaining"] == "0"


# --- What breaks ---


def test_a_storage_that_is_away(evidence_dir, settings, tmp_path):
    by = holder("report")
    report = filed(by)
    add(by, report)
    (tmp_path / "file").write_text("no folder")
    keep_evidence_in(settings, tmp_path / "file")
    for answer in (
        add(by, report, MAIL),
        ask("GET", f"/v1/reports/{report}/evidence/{sha256(PNG)}", by=by),
    ):
        assert answer.status == 503
        assert answer.json == trouble(503, "Service Unavailable", "unavailable", AWAY)
        assert answer.headers["Retry-After"] == "5"
    assert EvidenceEntry.objects.count() == 1
    # The list is the database's, and what is there already needs no storage.
    assert ask("GET", f"/v1/reports/{report}/evidence", by=by).status == 200
    assert add(by, report).status == 200
    keep_evidence_in(settings, evidence_dir)
    assert add(by, report, MAIL).status == 201
