from typing import Any

from django.http import HttpResponse, HttpResponseNotModified
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.request import Request

from api.errors import InvalidField
from api.rendering import dump, is_held, tag_of
from api.shapes.lookup import BucketAnswer, BucketScheme
from api.views.common import UNCHANGED, ApiView, problems
from reputation import lookup
from reputation.lookup import buckets

MAX_AGE = lookup.TTL  # seconds
# Everybody may cache it, nobody may compress it: padding shrinks more than real entries.
CACHE_CONTROL = f"public, max-age={MAX_AGE}, no-transform"

# Bytes reserved per entry: the longest entry of an E.164 number fits, comma included. The few
# longer ones (names of senders, gateways) use what shorter ones leave.
ENTRY_BYTES = 96
FRAME_BYTES = 64

HEX = OpenApiParameter(
    "hex",
    OpenApiTypes.STR,
    OpenApiParameter.PATH,
    pattern="^[0-9A-Fa-f]{2,4}$",
    description=(
        "The first 2, 3 or 4 hexadecimal digits of a SHA-256: of the canonical number (UTF-8, with "
        "its plus) without its last two digits."
    ),
)


class BucketsView(ApiView):
    # A key would reveal the caller, and the answer is the same for all.
    authentication_classes = []
    limit = "lookup"

    @extend_schema(
        operation_id="read_bucket_scheme",
        summary="How to look a number up without disclosing it",
        description="How many bits of the hash to send, by the country of the number; `national` "
        "for numbers without a plus, `sender` for names.",
        responses={200: BucketScheme, 304: UNCHANGED, **problems()},
        auth=[],
    )
    def get(self, request: Request) -> HttpResponse:
        return cacheable(
            request,
            dump(
                {
                    "hash": buckets.HASH,
                    "drop_digits": buckets.DROP_DIGITS,
                    "prefix_bits": buckets.PREFIX_BITS,
                    "max_age": MAX_AGE,
                }
            ),
        )


class BucketView(ApiView):
    authentication_classes = []
    limit = "lookup"

    @extend_schema(
        operation_id="read_bucket",
        summary="All listed numbers and ranges whose hashes begin with a prefix",
        description=(
            "Search the answer for your number, then for the ranges that contain it. One request "
            "is enough for both; a second one would disclose the number. All answers to prefixes "
            "of one length have the same number of entries and bytes: entries that begin with +0 "
            "are padding, and no numbers."
        ),
        parameters=[HEX],
        responses={200: BucketAnswer, 304: UNCHANGED, **problems(400)},
        examples=[
            OpenApiExample(
                "A listed number, its range, and an entry that only fills up",
                value={
                    "prefix": "2ff",
                    "numbers": [
                        {
                            "number": "+8615400001234",
                            "action": "block",
                            "score": 96,
                            "category": "illegal_collection",
                        },
                        {
                            "number": "+081534987120",
                            "action": "flag",
                            "score": 87,
                            "category": "robocall",
                        },
                    ],
                    "ranges": [
                        {
                            "prefix": "+86154000012",
                            "action": "flag",
                            "score": 80,
                            "known": 6,
                            "listed": 5,
                            "share": 0.83,
                        }
                    ],
                },
                response_only=True,
                status_codes=["200"],
            )
        ],
        auth=[],
    )
    def get(self, request: Request, hex: str) -> HttpResponse:
        try:
            prefix = buckets.read_prefix(hex)
        except buckets.InvalidHashPrefix as error:
            raise InvalidField("hex", str(error), "invalid-prefix") from None
        return cacheable(request, padded(buckets.read_bucket(prefix)))


def padded(bucket: buckets.Bucket) -> bytes:
    """The bucket as JSON, padded with spaces to the common size of all buckets of its kind."""
    body = dump(bucket)
    size = FRAME_BYTES + ENTRY_BYTES * (len(bucket.numbers) + len(bucket.ranges))
    while size < len(body):  # it has many of the longest names: take the next size
        size *= 2
    return body.ljust(size)


def cacheable(request: Request, body: bytes) -> HttpResponse:
    tag = tag_of(body)
    headers: dict[str, Any] = {"ETag": tag, "Cache-Control": CACHE_CONTROL}
    if is_held(request.headers.get("If-None-Match", ""), tag):
        return HttpResponseNotModified(headers=headers)
    return HttpResponse(body, content_type="application/json", headers=headers)
