"""Feeds over HTTP: what there is, whole files in ranges, and changes."""

import base64
import gzip
import hashlib
from datetime import timedelta
from http import HTTPStatus

import pytest
from django.utils.http import http_date

from config.version import release
from reputation.feeds import deltas, snapshots
from reputation.feeds.compaction import compact
from reputation.feeds.formats import FORMATS
from reputation.feeds.publishing import publish
from reputation.models import FeedChange, FeedHead
from tests.given.api_requests import NOW, Answer, Holder, ask, holder, trouble
from tests.given.published_feeds import checksum_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("feeds_dir")]

ONE, OTHER, THIRD = "+8613812345678", "+8613812345679", "+8613812345670"
PLAIN = "/v1/feeds/numbers/snapshot?format=plain"
NOTHING = "0" * 64


@pytest.fixture
def reader() -> Holder:
    return holder("feed")


def change(key: str, action: str, *, previous: str = "allow", score: int = 93) -> None:
    """A row of the log, as a committed change of the number leaves it."""
    FeedChange.objects.create(
        key=key,
        bucket=0,
        previous=previous,
        action=action,
        category="loan_scam",
        status="clear" if action == "allow" else "listed",
        score=score,
        changed_at=NOW,
    )


def told(key: str, action: str = "block") -> dict[str, str | int]:
    return {"number": key, "action": action, "category": "loan_scam", "score": 93}


def removed(key: str) -> dict[str, str | int]:
    return {"number": key, "action": "allow", "category": "", "score": 0}


def changes(since: int | str, reader: Holder, **headers: str) -> Answer:
    return ask("GET", f"/v1/feeds/numbers/changes?since={since}", by=reader, **headers)


# --- Who may ask ---


def test_what_there_is():
    assert ask("GET", "/v1/feeds").json == {"release": release(), "feeds": []}
    change(ONE, "block")
    publish(now=NOW)

    answer = ask("GET", "/v1/feeds")

    assert answer.status == 200
    feed = {"name": "numbers", "formats": list(FORMATS), "cursor": 1, "min_wait": 300}
    assert answer.json == {"release": release(), "feeds": [feed]}


@pytest.mark.parametrize("target", [PLAIN, "/v1/feeds/numbers/changes?since=0"])
def test_a_key_needs_the_scope(target, settings):
    publish(now=NOW)

    asked = ask("GET", target)
    assert asked.status == 401
    # wget, routers and libcurl's "any" send a password only when asked for one.
    assert asked.headers["WWW-Authenticate"].startswith('Basic realm="ringscore", ')
    refused = ask("GET", target, by=holder("lookup"))
    assert (refused.status, refused.json["type"]) == (403, "urn:ringscore:problem:scope-missing")
    assert ask("GET", target, by=holder("feed")).status == 200
    settings.FEEDS_PUBLIC = ["numbers"]
    assert ask("GET", target).status == 200


@pytest.mark.parametrize("view", ["snapshot?format=plain", "changes?since=0"])
def test_a_feed_that_there_is_not(view, reader):
    answer = ask("GET", f"/v1/feeds/nobody/{view}", by=reader)

    detail = "There is no feed of that name. There are: numbers."
    assert answer.status == 404
    assert answer.json == trouble(404, "Not Found", "feed-unknown", detail)


# --- Snapshots ---


def test_a_snapshot_that_was_not_published_since_is_not_sent_again(reader):
    change(ONE, "block")
    publish(now=NOW)
    date = ask("GET", PLAIN, by=reader).headers["Last-Modified"]
    assert ask("GET", PLAIN, by=reader, If_Modified_Since=date).status == 304
    older = ask("GET", PLAIN, by=reader, If_Modified_Since="Sun, 06 Nov 1994 08:49:37 GMT")
    assert older.status == 200
    other = ask("GET", PLAIN, by=reader, If_Modified_Since=date, If_None_Match='"other"')
    assert other.status == 200


@pytest.mark.parametrize(
    ("days", "status"),
    [
        pytest.param(1, 304, id="the time at which the client stored its copy"),
        pytest.param(3, 200, id="by a clock that is ahead of ours"),
    ],
)
def test_a_date_that_is_still_to_come_keeps_no_old_list(days, status, reader, monkeypatch):
    monkeypatch.setattr("api.downloads.time", (NOW + timedelta(days=2)).timestamp)
    publish(now=NOW)
    stored = http_date((NOW + timedelta(days=days)).timestamp())

    assert ask("GET", PLAIN, by=reader, If_Modified_Since=stored).status == status


@pytest.mark.parametrize("format", FORMATS)
def test_a_snapshot_in_each_format(format, reader):
    change(ONE, "block")
    done = publish(now=NOW)
    content = gzip.decompress(done.path(format).read_bytes())
    name = f"numbers-1.{FORMATS[format].extension}"
    target = f"/v1/feeds/numbers/snapshot?format={format}"

    answer = ask("GET", target, by=reader)
    packed = ask("GET", target, by=reader, Accept_Encoding="deflate, gzip;q=0.8")

    assert answer.status == packed.status == 200
    assert answer.body == content
    assert gzip.decompress(packed.body) == content
    shared = {
        "Content-Type": FORMATS[format].media_type,
        "Cache-Control": "private, max-age=300",
        "Content-Disposition": f'attachment; filename="{name}"',
        "Accept-Ranges": "bytes",
        "Vary": "Accept-Encoding",
        "Feed-Cursor": "1",
    }
    for each in (answer, packed):
        assert each.headers.items() >= shared.items()
        digest = base64.b64encode(hashlib.sha256(each.body).digest()).decode()
        assert each.headers["Repr-Digest"] == f"sha-256=:{digest}:"
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in answer.headers
    assert packed.headers["ETag"] != answer.headers["ETag"]


def test_a_feed_that_the_reader_holds_is_not_sent_again(reader):
    change(ONE, "block")
    publish(now=NOW)
    tag = ask("GET", PLAIN, by=reader).headers["ETag"]

    for asked in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = ask("GET", PLAIN, by=reader, If_None_Match=asked)
        assert (again.status, again.body, again.headers["ETag"]) == (304, b"", tag)
        assert "Content-Type" not in again.headers
    assert ask("GET", PLAIN, by=reader, If_None_Match='"other"').status == 200
    change(OTHER, "block")
    publish(now=NOW)
    assert ask("GET", PLAIN, by=reader, If_None_Match=tag).status == 200


CONTENT = f"{THIRD}\n{ONE}\n{OTHER}\n".encode()


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=5-9", 5, 10),
        ("bytes=40-", 40, 45),
        ("bytes=40-4000", 40, 45),
        ("bytes=-5", 40, 45),
        ("bytes=-500", 0, 45),
    ],
)
@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_a_part_of_a_file_is_answered_to_who_asks_for_it(asked, start, end, encoding, reader):
    for key in (ONE, OTHER, THIRD):
        change(key, "block")
    publish(now=NOW)
    whole = ask("GET", PLAIN, by=reader, Accept_Encoding=encoding)
    length = len(whole.body)
    if encoding == "gzip":  # packed, it is as long as zlib likes
        start, end = (length - 5, length) if asked == "bytes=-5" else (start, end)
        end = length if end == 45 else end
    else:
        assert whole.body == CONTENT

    part = ask("GET", PLAIN, by=reader, Range=asked, Accept_Encoding=encoding)

    assert part.status == 206
    assert part.body == whole.body[start:end]
    assert part.headers["Content-Range"] == f"bytes {start}-{end - 1}/{length}"


@pytest.mark.parametrize(
    "asked",
    ["bytes=", "bytes=-", "bytes=9-5", "bytes=0-1,3-4", "lines=0-1", f"bytes={'9' * 5_000}-"],
)
def test_what_is_no_range_gets_everything(asked, reader):
    publish(now=NOW)

    assert ask("GET", PLAIN.replace("plain", "csv"), by=reader, Range=asked).status == 200


@pytest.mark.parametrize("asked", ["bytes=45-", "bytes=45-50", "bytes=-0"])
def test_a_range_that_lies_outside(asked, reader):
    for key in (ONE, OTHER, THIRD):
        change(key, "block")
    publish(now=NOW)

    answer = ask("GET", PLAIN, by=reader, Range=asked)

    detail = "The file has 45 bytes: ask for some of those."
    title = HTTPStatus(416).phrase
    assert answer.json == trouble(416, title, "range-not-satisfiable", detail)
    assert (answer.status, answer.headers["Content-Range"]) == (416, "bytes */45")


def test_a_download_goes_on_where_it_broke_off_or_begins_anew(reader):
    change(ONE, "block")
    publish(now=NOW)
    tag = ask("GET", PLAIN, by=reader).headers["ETag"]

    rest = ask("GET", PLAIN, by=reader, Range="bytes=5-", If_Range=tag)
    assert (rest.status, rest.body) == (206, f"{ONE}\n".encode()[5:])
    change(OTHER, "block")
    publish(now=NOW)
    anew = ask("GET", PLAIN, by=reader, Range="bytes=5-", If_Range=tag)
    assert (anew.status, anew.body) == (200, f"{ONE}\n{OTHER}\n".encode())


def test_head_tells_the_cursor_without_a_body(reader):
    change(ONE, "block")
    publish(now=NOW)

    answer = ask("HEAD", PLAIN, by=reader)

    assert (answer.status, answer.body, answer.headers["Feed-Cursor"]) == (200, b"", "1")


def test_a_format_is_known_in_any_letter_case(reader):
    change(ONE, "block")
    publish(now=NOW)

    answer = ask("GET", "/v1/feeds/numbers/snapshot?format=Plain", by=reader)

    assert answer.body == ask("GET", PLAIN, by=reader).body


@pytest.mark.parametrize("query", ["", "?format=", "?format=exe", "?format=../manifest"])
def test_a_format_that_there_is_not(query, reader):
    publish(now=NOW)

    answer = ask("GET", f"/v1/feeds/numbers/snapshot{query}", by=reader)

    detail = f"Name a format of this feed: {', '.join(FORMATS)}."
    error = ("#/format", "format-unknown", detail)
    assert answer.status == 400
    assert answer.json == trouble(400, "Bad Request", "format-unknown", detail, error)


def test_not_published_yet_and_lost(reader):
    assert ask("GET", PLAIN, by=reader).status == 503
    done = publish(now=NOW)
    done.path("plain").unlink()

    answer = ask("GET", PLAIN, by=reader)

    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")


# --- Changes ---


def test_changes_since_a_cursor_are_those_of_the_list(reader):
    change(ONE, "block")
    change(OTHER, "flag")
    change(THIRD, "allow")  # reported, and not listed

    answer = changes(0, reader)

    assert answer.status == 200
    assert answer.json == {
        "changes": [told(ONE), told(OTHER, "flag")],
        "cursor": 3,
        "checksum": checksum_of({ONE: "block", OTHER: "flag"}),
        "min_wait": 300,
    }
    change(ONE, "allow", previous="block")
    change(OTHER, "block", previous="flag")
    change(OTHER, "flag", previous="block")
    assert changes(3, reader).json == {
        "changes": [removed(ONE), told(OTHER, "flag")],
        "cursor": 6,
        "checksum": checksum_of({OTHER: "flag"}),
        "min_wait": 300,
    }
    assert changes(6, reader).json["changes"] == []


def test_listed_and_gone_within_a_page(reader):
    change(ONE, "block")
    change(ONE, "allow", previous="block")

    assert changes(0, reader).json == {
        "changes": [],
        "cursor": 2,
        "checksum": NOTHING,
        "min_wait": 300,
    }


def test_page_by_page(reader, monkeypatch):
    monkeypatch.setattr(deltas, "MAX_CHANGES", 2)
    for key in (ONE, OTHER, THIRD):
        change(key, "block")

    first = changes(0, reader).json
    second = changes(first["cursor"], reader).json

    assert (first["cursor"], first["min_wait"]) == (2, 0)
    assert first["checksum"] == checksum_of({ONE: "block", OTHER: "block"})
    assert (second["cursor"], second["min_wait"]) == (3, 300)
    assert second["changes"] == [told(THIRD)]


def test_changes_are_packed_for_who_takes_gzip(reader):
    change(ONE, "block")

    answer = changes(0, reader, Accept_Encoding="gzip")

    assert answer.headers["Content-Encoding"] == "gzip"


def test_a_cursor_too_old(reader):
    change(ONE, "block")
    change(ONE, "flag", previous="block")
    FeedChange.objects.update(changed_at=NOW.replace(year=2025))
    compact(now=NOW)

    answer = changes(1, reader)

    detail = "Changes before 2 are gone, and 1 lies before. Take a snapshot."
    assert answer.status == 410
    error = ("#/since", "cursor-too-old", detail)
    assert answer.json == trouble(410, "Gone", "cursor-too-old", detail, error)
    assert changes(2, reader).json["checksum"] == checksum_of({ONE: "flag"})


def test_a_cursor_that_was_never_given(reader):
    answer = changes(1, reader)

    assert (answer.status, answer.json["type"]) == (410, "urn:ringscore:problem:cursor-unknown")


@pytest.mark.parametrize("since", ["", "-1", "1.0", "x", "٣", "1e3", "9" * 19])
def test_what_is_no_cursor(since, reader):
    answer = changes(since, reader)

    assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, "#/since")


def test_the_checksum_is_found_again_after_compaction_has_cut_off_what_was_known(reader):
    for key in (ONE, OTHER):
        change(key, "block")
    FeedChange.objects.update(changed_at=NOW.replace(year=2025))
    assert FeedHead.objects.count() == 0
    compact(now=NOW)
    change(THIRD, "flag")

    assert changes(2, reader).json["checksum"] == checksum_of(
        {ONE: "block", OTHER: "block", THIRD: "flag"}
    )


def test_a_snapshot_and_the_changes_after_it_agree(reader):
    change(ONE, "block")
    done = publish(now=NOW)

    page = changes(done.cursor, reader).json

    assert (page["changes"], page["checksum"]) == ([], done.checksum)
    assert snapshots.current("numbers") == done
