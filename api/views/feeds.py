import gzip
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api import downloads
from api.callers import require
from api.errors import BASIC_CHALLENGE, InvalidField
from api.rendering import dump, format_in
from api.shapes.feeds import AnySnapshot, FeedChanges, FeedList
from api.views.common import OPTIONAL_KEY, UNCHANGED, ApiView, problems
from edge import whole_number
from reputation.feeds import FORMATS, Change, NotPublished, deltas, snapshots

SCOPE = "feed"

NAME = OpenApiParameter(
    "name",
    OpenApiTypes.STR,
    OpenApiParameter.PATH,
    description="Name of the feed in the list of feeds.",
)
FORMAT = OpenApiParameter(
    "format",
    OpenApiTypes.STR,
    required=True,
    enum=list(FORMATS),
    description="docs/guide/feeds.md describes the formats.",
)
SINCE = OpenApiParameter(
    "since",
    OpenApiTypes.INT64,
    required=True,
    description="The cursor of the snapshot, or of the last changes.",
)
MEDIA_TYPES = sorted({format.media_type.partition(";")[0] for format in FORMATS.values()})
# Formats that the API document describes as data; the others are bytes.
SHAPES: dict[str, Any] = {
    "application/json": AnySnapshot,
    "application/yaml": OpenApiTypes.OBJECT,
}


class FeedsView(ApiView):
    limit = "read"

    @extend_schema(
        operation_id="list_feeds",
        summary="The feeds",
        description="The published feeds, each with the cursor of its newest snapshot.",
        responses={200: FeedList, **problems(401)},
        auth=OPTIONAL_KEY,
    )
    def get(self, request: Request) -> Response:
        published = [snapshots.manifest(name) for name in snapshots.NAMES]
        return Response(
            {
                "release": settings.RELEASE,
                "feeds": [
                    {
                        "name": manifest.current.feed,
                        "formats": list(manifest.current.files),
                        "cursor": manifest.current.cursor,
                        "min_wait": settings.FEEDS_MIN_WAIT,
                    }
                    for manifest in published
                    if manifest is not None
                ],
            }
        )


class FeedView(ApiView):
    limit = "feed"
    challenge = BASIC_CHALLENGE

    def admit(self, name: str) -> str:
        """Admits callers who may read the feed; returns how its answers may be cached."""
        if snapshots.known(name) in settings.FEEDS_PUBLIC:
            return "public"
        require(self.visitor, SCOPE)
        return "private"


class SnapshotView(FeedView):
    @extend_schema(
        operation_id="read_snapshot",
        summary="A whole feed",
        description=(
            "A file with an ETag; under one ETag it never changes. To resume a download, request a "
            "range with If-Range. Repr-Digest covers the bytes that are sent: of the gzip file, if "
            "it is one."
        ),
        parameters=[NAME, FORMAT],
        responses={
            **{
                (status, media_type): (
                    SHAPES.get(media_type, OpenApiTypes.BINARY)
                    if status == 200
                    else OpenApiTypes.BINARY
                )
                for status in (200, 206)
                for media_type in MEDIA_TYPES
            },
            304: UNCHANGED,
            **problems(400, 401, 403, 404, 416),
        },
        auth=OPTIONAL_KEY,
    )
    def get(self, request: Request, name: str) -> HttpResponse | StreamingHttpResponse:
        cacheable = self.admit(name)
        format = format_in(request.query_params)
        return send_snapshot(request, name, format, cacheable=cacheable)


def send_snapshot(
    request: Request | HttpRequest, name: str, format: str, *, cacheable: str
) -> HttpResponse | StreamingHttpResponse:
    """The published feed as a file. Raises FeedUnknown, FormatUnknown, NotPublished."""
    publication = snapshots.current(name)
    file = snapshots.choose(publication, format)
    try:
        return downloads.send(
            request,
            publication.path(format),
            file,
            media_type=FORMATS[format].media_type,
            name=f"{name}-{publication.cursor}.{FORMATS[format].extension}",
            modified=publication.created,
            headers={
                "Cache-Control": f"{cacheable}, max-age={settings.FEEDS_MIN_WAIT}",
                "Feed-Cursor": str(publication.cursor),
            },
        )
    except FileNotFoundError:
        raise NotPublished("The published files are gone. Try again in a few minutes.") from None


class ChangesView(FeedView):
    @extend_schema(
        operation_id="read_changes",
        summary="What changed in a feed since a cursor",
        description=(
            "Each number once, with its present action; `allow` removes it from the list. The "
            "checksum covers the whole state at the new cursor. After 410, begin again with a "
            "snapshot."
        ),
        parameters=[NAME, SINCE],
        responses={200: FeedChanges, **problems(400, 401, 403, 404, 410)},
        auth=OPTIONAL_KEY,
    )
    def get(self, request: Request, name: str) -> HttpResponse:
        self.admit(name)
        delta = deltas.read(feed=name, since=read_since(request.query_params.get("since", "")))
        body = dump(
            {
                "changes": [fields_of(change) for change in delta.changes],
                "cursor": delta.cursor,
                "checksum": delta.checksum,
                "min_wait": 0 if delta.more else settings.FEEDS_MIN_WAIT,
            }
        )
        headers: dict[str, Any] = {"Cache-Control": "no-store", "Vary": "Accept-Encoding"}
        if downloads.accepts_gzip(request.headers.get("Accept-Encoding", "")):
            body = gzip.compress(body, 9, mtime=0)
            headers["Content-Encoding"] = "gzip"
        return HttpResponse(body, content_type="application/json", headers=headers)


def fields_of(change: Change) -> dict[str, str | int]:
    found: dict[str, str | int] = {
        "number": change.number,
        "action": change.action,
        "category": change.category if change.listed else "",
        "score": change.score if change.listed else 0,
    }
    if change.campaign and change.listed:
        found["campaign"] = change.campaign
    return found


def read_since(value: str) -> int:
    cursor = whole_number(value)
    if cursor is None:
        raise InvalidField(
            "since",
            "Send the cursor that your snapshot or the changes before ended with, a whole number.",
            "invalid-cursor",
        )
    return cursor
