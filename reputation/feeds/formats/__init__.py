"""The published formats of a feed: for each, a function from entries to bytes."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from reputation.feeds.formats import contacts, lists, phones, roaring
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
        Format("comma", "txt", "text/plain; charset=utf-8", lists.comma),
        Format("csv", "csv", "text/csv; charset=utf-8; header=present", lists.csv),
        Format("yacb", "csv", "text/csv; charset=utf-8; header=present", phones.yacb),
        Format("saracroche", "json", "application/json", phones.saracroche),
        Format("ios", "json", "application/json", phones.ios),
        Format("callattendant", "yaml", "application/yaml", contacts.callattendant),
        Format("fritzbox", "xml", "application/xml", contacts.fritzbox),
        Format("vcard", "vcf", "text/vcard; charset=utf-8", contacts.vcard),
        Format("pir", "txtpb", "text/plain; charset=utf-8", phones.pir),
        Format("roaring", "bin", "application/octet-stream", roaring.render),
    )
}
