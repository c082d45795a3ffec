"""Private lookups against the live server and its change log, and what goes over the wire."""

import hashlib
from collections.abc import Iterator

import httpx
import pytest
from ringscore import Action, BadAnswer, Client, InvalidNumber, PrivateAnswer
from ringscore._numbers import canonical
from ringscore._private import read_scheme
from ringscore._regions import regions_of

from tests.given.sdk_server import Server

pytestmark = pytest.mark.slow  # they ask a server that is started for them

# Three listed numbers in one block of ten make a listed range of it.
LISTED = "+12025550111"
LIST = f"""
from django.utils import timezone
from reputation.models import FeedChange, Number
from reputation.feeds.blocks import bucket_of
for key in ("{LISTED}", "+447700900101", "GB@EXAMPLE"):
    FeedChange.objects.create(key=key, bucket=bucket_of(key), previous="allow", action="block",
        category="phishing", status="listed", score=95, changed_at=timezone.now())
"""


@pytest.fixture(scope="module")
def listed(server: Server) -> None:
    server.manage(code=LIST)


@pytest.fixture
def client(server: Server, key: str) -> Iterator[Client]:
    with Client(server.url, key=key, lookup_deadline=10) as client:
        yield client


@pytest.mark.usefixtures("listed")
def test_what_is_listed_is_found_without_telling_which(client: Client) -> None:
    assert client.lookup_private(LISTED) == PrivateAnswer(LISTED, Action.BLOCK, 95, "phishing", "")
    assert client.lookup_private("+44 7700 900101").action is Action.BLOCK
    assert client.lookup_private("GB@EXAMPLE").action is Action.BLOCK
    assert client.lookup_private("+447700900102") == PrivateAnswer(
        "+447700900102", Action.ALLOW, 0, "", ""
    )


def test_only_a_piece_of_a_hash_leaves_and_no_key() -> None:
    seen: list[httpx.Request] = []
    scheme = {"hash": "sha256", "drop_digits": 2, "max_age": 300,
              "prefix_bits": {"default": 12, "CN": 16, "VU": 8}}  # fmt: skip

    def serve(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        bucket = {
            "numbers": [],
            "ranges": [
                {"prefix": "+8613812345", "action": "allow", "score": 10},
                {"prefix": "+86138123456", "action": "flag", "score": 63},
            ],
        }
        return httpx.Response(200, json=scheme if request.url.path == "/v1/buckets" else bucket)

    with Client(
        "http://ringscore.test", key="rsk_secret", transport=httpx.MockTransport(serve)
    ) as client:
        found = client.lookup_private("+86 138 1234 5678")
        assert found == PrivateAnswer("+8613812345678", Action.FLAG, 63, "", "+86138123456")
        # The same block: from the cache.
        assert client.lookup_private("+8613812345699").range == "+86138123456"
    hashed = hashlib.sha256(b"+86138123456").hexdigest()
    assert [request.url.raw_path for request in seen] == [
        b"/v1/buckets",
        f"/v1/buckets/{hashed[:4]}".encode(),
    ]
    for request in seen:
        assert "authorization" not in request.headers
        assert "5678" not in repr(request.headers.raw) + str(request.url)


@pytest.mark.parametrize(
    ("key", "bits"),
    [("+8613812345678", 16), ("+12025550100", 12), ("+678123456", 8), ("+999123456", 12),
     ("CN:95533", 8), ("CN@BANK", 4)],
)  # fmt: skip
def test_so_many_bits_as_all_countries_of_a_calling_code_allow(key: str, bits: int) -> None:
    scheme = read_scheme(
        {"hash": "sha256", "drop_digits": 2, "max_age": 1,
         "prefix_bits": {"default": 12, "US": 16, "CA": 16, "CN": 16, "VU": 8, "national": 8,
                         "sender": 4}}
    )  # fmt: skip
    assert len(scheme.prefix(key)) * 4 == scheme.bits(key) == bits


@pytest.mark.parametrize(
    "wrong",
    [
        {"hash": "md5"},
        {"drop_digits": 0},
        {"prefix_bits": {"default": 256}},
        {"prefix_bits": {"CN": 12}},
        {"prefix_bits": {"default": 13}},
        {"prefix_bits": None},
    ],
)
def test_a_scheme_that_would_give_the_number_away_is_refused(wrong: dict[str, object]) -> None:
    good = {"hash": "sha256", "drop_digits": 2, "prefix_bits": {"default": 12}, "max_age": 300}
    read_scheme(good)
    with pytest.raises(BadAnswer):
        read_scheme({**good, **wrong})


def test_what_cannot_be_read_here_is_not_sent_to_be_read_there() -> None:
    def serve(request: httpx.Request) -> httpx.Response:
        raise AssertionError("a request was made")

    with (
        Client("http://ringscore.test", transport=httpx.MockTransport(serve)) as client,
        pytest.raises(InvalidNumber),
    ):
        client.lookup_private("138 1234 5678")


def test_calling_codes_are_prefix_free() -> None:
    assert regions_of("+8613812345678") == ("CN",)
    assert regions_of("+35812345678")[0] == "FI"
    assert "US" in regions_of("+12025550100")
    assert regions_of("+99912345678") == ()


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        ("+8613812345678", "+8613812345678"),
        ("+86 138-1234-5678", "+8613812345678"),
        ("tel:+86-138-1234-5678;phone-context=x", "+8613812345678"),
        ("sip:+8613812345678@example.org;user=phone", "+8613812345678"),
        ("sip:%2B8613812345678@example.org", "+8613812345678"),
        ("tel:138-1234-5678;phone-context=+86", "+8613812345678"),
        ("sip:13812345678;phone-context=+86@example.org;user=phone", "+8613812345678"),
        ('"Loans" <sip:+8613812345678@example.org>;tag=1', "+8613812345678"),
        ("+8613812345678@192.0.2.1", "+8613812345678"),
        ("+8613812345678;npdi", "+8613812345678"),
        ("+8613812345678;verstat=TN-Validation-Passed", "+8613812345678"),
        ("+8613812345678.0", "+8613812345678"),
        ("0086 138 1234 5678", "+8613812345678"),
        ("00086 138 1234 5678", "+8613812345678"),
        ("CN:95533", "CN:95533"),
        ("GB@EXAMPLE", "GB@EXAMPLE"),
    ],
)
def test_numbers_read_offline_are_read_as_the_server_does(raw: str, key: str) -> None:
    from reputation.identity import identify

    assert canonical(raw) == key == identify(raw).key


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "-1",
        "anonymous",
        "Restricted",
        "OUT-OF-AREA",
        "sip:anonymous@anonymous.invalid",
        "sip:unknown@10.0.0.1",
        "Unterdrückte Rufnummer",
        "Numéro privé",
    ],
)
def test_withheld_numbers_are_said_to_be(raw: str) -> None:
    with pytest.raises(InvalidNumber) as error:
        canonical(raw)
    assert error.value.code == "withheld"


def test_the_server_knows_the_same_words_for_withheld_callers() -> None:
    from ringscore import _withheld

    from reputation.identity import withheld

    names = ("HIDDEN", "CALLER", "WHOLE")
    assert [getattr(_withheld, name) for name in names] == [
        getattr(withheld, name) for name in names
    ]


@pytest.mark.parametrize(
    "word",
    [
        *("", " ", "A", "b", "C", "failed", "NONE", "TN-Validation-Passed", "No-TN-Validation"),
        *("TN-Validation-Passed-A-Passthrough", "TN-Validation-Failed-C-Diverted", "mismatch"),
        *("Signature failed", "signature_failed", "Verification mismatch", "Verification passed"),
    ],
)
def test_the_server_reads_what_a_network_says_of_a_caller_alike(word: str) -> None:
    from ringscore import _attestation

    from reputation.lookup import attestation_of

    assert _attestation.read(word) == attestation_of(word)


def test_national_formats_need_a_region() -> None:
    assert canonical("138 1234 5678", region="CN") == "+8613812345678"
    assert canonical("+49 (0)30 901820") == "+4930901820"
    for raw in ("138 1234 5678", "+86", "hello"):
        with pytest.raises(InvalidNumber):
            canonical(raw)
    for region in ("XX", "UK", "Germany", "D"):
        for raw in ("030 901820", "95533", "hello"):
            with pytest.raises(InvalidNumber, match="The region is not known: pass an ISO 3166"):
                canonical(raw, region=region)
    with pytest.raises(InvalidNumber, match=r"^'\+0' is no number: .*[^.]\.$"):
        canonical("+0", region="DE")
