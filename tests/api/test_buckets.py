"""Private lookups: one prefix of a hash, and everything listed under it."""

import random
from hashlib import sha256
from typing import Any

import pytest
from django.core.management import call_command
from pytest_django import DjangoAssertNumQueries

from reputation.feeds import log
from reputation.lookup import buckets
from reputation.models import BucketSize, FeedChange, Number
from tests.given.api_requests import NOW, Answer, ask, trouble

pytestmark = pytest.mark.django_db

COLLECTOR = "+8613812345678"
HEADERS = {
    "Content-Type": "application/json",
    "Cache-Control": "public, max-age=300, no-transform",
}


def hashed(key: str, digits: int = 3) -> str:
    """As a client does it."""
    return sha256(key[:-2].encode()).hexdigest()[:digits]


def tell(key: str, action: str, score: int = 0, category: str = "loan_scam") -> None:
    """Makes this what the public is told of a number, and logs it."""
    number, _ = Number.objects.get_or_create(
        key=key, defaults={"created_at": NOW, "evidence_at": NOW, "prior": 0.45}
    )
    before = log.public_state(number)
    number.action, number.score, number.category = action, score, category
    number.status = "clear" if action == "allow" else "listed"
    number.save()
    log.append([(number, before)], now=NOW)


def read(prefix: str) -> Answer:
    answer = ask("GET", f"/v1/buckets/{prefix}")
    assert answer.status == 200
    return answer


def real(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [each for each in entries if not each.get("number", each.get("prefix")).startswith("+0")]


def contents(prefix: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    body = read(prefix).json
    assert sorted(body) == ["numbers", "prefix", "ranges"]
    assert body["prefix"] == prefix
    return real(body["numbers"]), real(body["ranges"])


def numbers(prefix: str) -> list[str]:
    return [each["number"] for each in contents(prefix)[0]]


# --- The scheme ---


def test_the_scheme_says_how_to_ask():
    answer = ask("GET", "/v1/buckets")

    assert answer.status == 200
    assert answer.left == (60, 59)
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    scheme = answer.json
    bits = scheme.pop("prefix_bits")
    assert scheme == {"hash": "sha256", "drop_digits": 2, "max_age": 300}
    some = ("default", "CN", "MT", "national", "sender")
    assert [bits[name] for name in some] == [12, 16, 8, 8, 8]
    assert set(bits.values()) == {8, 12, 16}
    assert ask("GET", "/v1/buckets", If_None_Match=answer.headers["ETag"]).status == 304


# --- What is in a bucket ---


def test_an_empty_bucket_is_full_of_nobody():
    answer = read("0f3")

    assert answer.left == (60, 59)
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert answer.json["prefix"] == "0f3"
    assert contents("0f3") == ([], [])
    assert len(answer.json["numbers"]) == 16
    assert len(answer.json["ranges"]) == 4
    assert len(answer.body) == 64 + 96 * 20
    for each in answer.json["numbers"]:
        assert sorted(each) == ["action", "category", "number", "score"]
    for each in answer.json["ranges"]:
        assert sorted(each) == ["action", "known", "listed", "prefix", "score", "share"]


@pytest.mark.parametrize("digits", [2, 3, 4])
@pytest.mark.parametrize(
    "key",
    [COLLECTOR, "+4930123456", "CN:95533", "CN:106575258192001234", "CN@招商银行", "GB@AB"],
)
def test_a_listed_number_is_in_its_bucket_however_many_digits_one_sends(key: str, digits: int):
    tell(key, "block", 93, "illegal_collection")

    assert contents(hashed(key, digits)) == (
        [{"number": key, "action": "block", "score": 93, "category": "illegal_collection"}],
        [],
    )


def test_a_prefix_may_be_written_in_capitals():
    tell(COLLECTOR, "flag", 70)

    assert read(hashed(COLLECTOR, 4).upper()).body == read(hashed(COLLECTOR, 4)).body


def test_what_is_not_listed_is_not_there():
    tell(COLLECTOR, "allow", 50)
    assert contents(hashed(COLLECTOR)) == ([], [])

    tell(COLLECTOR, "flag", 70)
    assert numbers(hashed(COLLECTOR)) == [COLLECTOR]

    tell(COLLECTOR, "allow", 40)
    assert contents(hashed(COLLECTOR)) == ([], [])


@pytest.mark.slow
def test_each_listed_number_is_in_one_bucket_and_no_other():
    chance = random.Random(7)
    keys = [f"+8613{chance.randrange(10**9):09}" for _ in range(300)]
    for key in keys:
        tell(key, "flag", 70)

    found = []
    for first in range(256):
        bucket = buckets.read_bucket(f"{first:02x}")
        found += [each.number for each in bucket.numbers if not each.number.startswith("+0")]
    assert sorted(found) == sorted(keys)


def test_the_answer_for_a_number_holds_the_ranges_around_it():
    """The point of it: who asks for a number that nobody reported learns what its block is."""
    for last in ("01", "02", "03", "50", "51"):
        tell(f"+86138123456{last}", "block", 96)
    tell("+8613812345699", "allow", 60)
    asked = "+8613812345609"

    found, ranges = contents(hashed(asked, 4))

    assert [each["number"][-2:] for each in found] == ["01", "02", "03", "50", "51"]
    # (.45 + 5 · .96 + .60) / 7 = .836, and (.45 + 3 · .96) / 4 = .833
    assert ranges == [
        {
            "prefix": "+86138123456",
            "action": "flag",
            "score": 83,
            "known": 6,
            "listed": 5,
            "share": 0.83,
        },
        {
            "prefix": "+861381234560",
            "action": "flag",
            "score": 83,
            "known": 3,
            "listed": 3,
            "share": 1.0,
        },
    ]
    assert [each for each in ranges if asked.startswith(each["prefix"])] == ranges
    assert ask("GET", f"/v1/ranges/{ranges[0]['prefix']}").json == ranges[0]


def test_a_block_of_mostly_innocent_numbers_is_no_range():
    for last in range(3):
        tell(f"+861381234560{last}", "block", 95)
    for last in range(10, 20):
        tell(f"+86138123456{last}", "allow", 20)

    _, ranges = contents(hashed("+8613812345600"))
    assert [each["prefix"] for each in ranges] == ["+861381234560"]


def test_names_of_senders_have_no_ranges():
    for last in "ABC":
        tell(f"CN@BANK{last}", "block", 95)

    assert contents(hashed("CN@BANKA"))[1] == []


# --- All alike from outside ---


def test_every_bucket_of_a_kind_has_as_many_entries_and_bytes():
    for last in range(14):
        tell(f"+49301234{last:02}0", "flag", 62, "")
        tell(f"+8613812345{last:02}0", "block", 100, "illegal_collection")
    tell("CN:106575258192001234", "block", 100, "illegal_collection")
    full = hashed("+8613812345000")
    shapes = set()
    for prefix in ("000", "fff", full, hashed("+4930123400"), hashed("CN:106575258192001234")):
        answer = read(prefix)
        body = answer.json
        shapes.add((len(answer.body), len(body["numbers"]), len(body["ranges"])))

    assert len(shapes) == 1


def test_padding_is_nobody_and_the_same_each_time():
    body = read("abc").json
    again = read("abc").json

    assert body == again
    # But for its number, each could be somebody.
    assert len({each["number"] for each in body["numbers"]}) == 16
    for each in body["numbers"]:
        assert each["number"].startswith("+0")
        assert each["action"] in ("flag", "block")
        assert 80 <= each["score"] <= 99
        assert each["category"] not in ("", "legitimate")


def test_a_bucket_that_outgrows_the_others_takes_them_along():
    before = len(read("000").body)
    for last in range(20):
        tell(f"+86138123456{last:02}", "flag", 70)
    full = read(hashed("+8613812345600"))

    assert len(full.json["numbers"]) == 20
    assert len(full.body) == len(read("000").body) > before
    assert len(read("000").json["numbers"]) == 20
    # Other lengths are kinds of their own.
    assert len(read("0000").json["numbers"]) == 16


def test_sizes_are_measured_anew_by_compaction(capsys):
    for last in range(20):
        tell(f"+86138123456{last:02}", "flag", 70)
    read(hashed("+8613812345600"))
    assert BucketSize.objects.get(length=3).numbers == 28

    for last in range(20):
        tell(f"+86138123456{last:02}", "allow", 30)
    call_command("compact")

    assert capsys.readouterr().out.startswith("Forgot ")
    assert list(BucketSize.objects.order_by("length").values_list()) == [
        (2, 16, 4),
        (3, 16, 4),
        (4, 16, 4),
    ]


def test_sizes_leave_room_and_count_every_range_there_may_be():
    for last in range(90):
        tell(f"+86138123456{last:02}", "flag", 70)
    buckets.measure()

    # 90 · 1.25 = 112.5; nine blocks of ten and one of a hundred: 10 · 1.25 = 12.5.
    assert list(BucketSize.objects.order_by("length").values_list()) == [
        (2, 128, 14),
        (3, 128, 14),
        (4, 128, 14),
    ]


def test_a_bucket_full_of_the_longest_names_still_says_all():
    for last in range(10, 26):
        tell(f"CN@{'银' * 22}{last}", "block", 99, "illegal_collection")

    answer = read(hashed("CN@" + "银" * 22 + "10"))
    assert len(real(answer.json["numbers"])) == 16
    assert len(answer.body) == 2 * (64 + 96 * (20 + 4))


# --- Caches ---


def test_only_a_change_in_a_bucket_changes_its_answer():
    tell(COLLECTOR, "flag", 70)
    tell("+4930123456", "flag", 70)
    assert hashed(COLLECTOR) != hashed("+4930123456")
    here, elsewhere = read(hashed(COLLECTOR)), read(hashed("+4930123456"))

    tell("+4930123456", "block", 95)

    tag = here.headers["ETag"]
    unchanged = ask("GET", f"/v1/buckets/{hashed(COLLECTOR)}", If_None_Match=tag)
    assert (unchanged.status, unchanged.body) == (304, b"")
    assert "Content-Type" not in unchanged.headers  # caches would put it over that of the answer
    assert unchanged.headers["ETag"] == tag
    assert unchanged.headers["Cache-Control"] == HEADERS["Cache-Control"]
    assert read(hashed(COLLECTOR)).body == here.body
    changed = ask(
        "GET", f"/v1/buckets/{hashed('+4930123456')}", If_None_Match=elsewhere.headers["ETag"]
    )
    assert changed.status == 200
    assert changed.headers["ETag"] != elsewhere.headers["ETag"]


def test_no_answer_depends_on_who_asks():
    """Not even a key that opens nothing is looked at: it would tell who asks."""
    answer = ask("GET", "/v1/buckets/0f3", by="rsk_00000000_nonsense")

    assert answer.body == read("0f3").body
    assert set(answer.headers) == {
        *("Allow", "Cache-Control", "Content-Type", "ETag"),
        *("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"),
    }


def test_asking_too_often_is_refused_by_address():
    for _ in range(60):
        ask("GET", "/v1/buckets/0f3")

    assert ask("GET", "/v1/buckets/0f3").status == 429
    assert ask("GET", "/v1/buckets/0f3", address="192.0.2.2").status == 200


# --- What is no prefix ---


@pytest.mark.parametrize(
    "raw", ["0", "00000", "xyz", "0x12", "12g", "+12", "%00%00", "%E4%BD%A0", "１２３", "a" * 64]
)
def test_what_is_no_prefix_is_refused_with_the_remedy_and_never_missing(raw: str):
    answer = ask("GET", f"/v1/buckets/{raw}")

    detail = (
        "A bucket is named by the first 2 to 4 hexadecimal digits of the SHA256 of the number "
        "without its last 2 digits; /v1/buckets says by how many."
    )
    assert answer.status == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json == trouble(
        400, "Bad Request", "invalid-prefix", detail, ("#/hex", "invalid-prefix", detail)
    )


@pytest.mark.parametrize("target", ["/v1/buckets/", "//v1//buckets/", "/v1/buckets/0f3/"])
def test_slashes_do_not_matter(target: str):
    assert ask("GET", target).status == 200


@pytest.mark.parametrize("listed", [1, 3])
def test_a_bucket_is_four_queries(listed: int, django_assert_num_queries: DjangoAssertNumQueries):
    for last in range(listed):
        tell(f"+861381234560{last}", "block", 95)
    read(hashed("+8613812345600"))
    assert not FeedChange.objects.filter(cursor=None).exists()

    # Whether there is something to number, what is listed, ranges if any may be, the size.
    with django_assert_num_queries(3 + (listed >= 3)):
        read(hashed("+8613812345600"))
