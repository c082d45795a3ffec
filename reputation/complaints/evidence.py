"""The evidence of a complaint: which files, where they lie in the pack, and their log."""

from collections.abc import Iterable, Sequence
from datetime import UTC

from django.utils.translation import gettext as _

from reputation import attachments
from reputation.attachments import shown_fields
from reputation.complaints.archives import as_json
from reputation.complaints.cases import TooMuch
from reputation.complaints.wording import one_line
from reputation.models import (
    EvidenceEntry,
    Report,
)

MOST_BYTES = 200_000_000  # of evidence in a pack


def entries_of(reports: Sequence[Report]) -> list[EvidenceEntry]:
    """The entries of the reports' evidence, in order. Raises TooMuch."""
    entries = EvidenceEntry.objects.filter(report__in=reports).select_related("report")
    in_order = list(entries.in_order())
    size = sum(entry.size for entry in each_once(in_order))
    if size > MOST_BYTES:
        raise TooMuch(
            _(
                "The evidence of these reports has %(size)d bytes, and a pack holds %(most)d. "
                "Choose fewer reports."
            )
            % {"size": size, "most": MOST_BYTES}
        )
    return in_order


def each_once(entries: Iterable[EvidenceEntry]) -> list[EvidenceEntry]:
    """Entries without repeated content: the pack holds a file of several reports once. Erased files
    are gone."""
    return list({each.sha256: each for each in entries if each.erased_at is None}.values())


def files_of(entries: Iterable[EvidenceEntry]) -> list[dict[str, str]]:
    """The files, as a letter lists them."""
    return [
        {
            "name": path_of(entry),
            "called": one_line(entry.name),
            "size": str(entry.size),
            "sha256": entry.sha256,
            "added": f"{entry.added_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC",
        }
        for entry in each_once(entries)
    ]


def heads_of(entries: Iterable[EvidenceEntry]) -> dict[str, str]:
    """The digest of each report's last entry, by the report's id."""
    return {str(entry.report.public_id): entry.digest for entry in entries}


def path_of(entry: EvidenceEntry) -> str:
    """The path of a file of evidence: by its content, since file names are personal too."""
    return f"evidence/{entry.sha256[:16]}{attachments.EXTENSIONS[entry.media_type]}"


def log_of(reports: Sequence[Report], entries: Sequence[EvidenceEntry]) -> bytes:
    """evidence/log.json: each report's entries, whose digests form a chain, and where files lie."""
    results: dict[int, list[dict[str, object]]] = {report.pk: [] for report in reports}
    for entry in entries:
        results[entry.report_id].append(shown_fields(entry))
    content = {
        "reports": [
            {"report": str(report.public_id), "results": results[report.pk]} for report in reports
        ],
        "files": {entry.sha256: path_of(entry) for entry in each_once(entries)},
    }
    return as_json(content)
