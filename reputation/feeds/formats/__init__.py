"""The formats that a feed is published in: for each, a function from entries to bytes."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from reputation.feeds.formats import lists, roaring
from reputation.feeds.formats.entries import Entry, Head

Render = Callable[[Sequence[Entry], Head], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class Format:
    """`render` gets all entries, sorted by key, and yields the file in pieces."""

    name: str
    extension: str
    media_type: str
    render: Render


FORMATS = {
    format.name: format
    for format in (
        Format("json", "json", "application/json", lists.json),
        Format("ndjson", "ndjson", "application/x-ndjson", lists.ndjson),
        Format("plain", "txt", "text/plain; charset=utf-8", lists.plain),
        Format("csv", "csv", "text/csv; charset=utf-8; header=present", lists.csv),
        Format("roaring", "bin", "application/octet-stream", roaring.render),
    )
}
