"""A complaint pack: one ZIP with the letter, the log, the evidence, and texts for each channel.

It has everything that an authority asks for, in the order of use, and a script that verifies the
pack without us. The same case at the same time gives the same bytes.
"""

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from django.utils.translation import gettext as _

from edge import rfc3339
from reputation import attachments
from reputation.complaints import channels, charts, pdf
from reputation.complaints.archives import Archive
from reputation.complaints.cases import (
    ComplaintError,
    Details,
    LanguageUnknown,
    case_of,
    own_reports,
)
from reputation.complaints.channels import Attached, Filled
from reputation.complaints.citing import Citation
from reputation.complaints.evidence import (
    each_once,
    entries_of,
    files_of,
    heads_of,
    log_of,
    path_of,
)
from reputation.complaints.guides import guide
from reputation.complaints.incidents import call_log
from reputation.complaints.letters import ComplaintCase, Letter, write
from reputation.models import (
    Authority,
    Channel,
    EvidenceEntry,
    Report,
    Reporter,
    Template,
)

FORMAT = "ringscore-pack/1"
MOST_MAIL = 15_000_000  # of attachments: what most mail servers take, before it grows in base64
VERIFIER = Path(__file__).with_name("verify.py")


class ChannelUnknown(ComplaintError):
    """The authority has no such active channel."""

    field = "channel"

    def __init__(self) -> None:
        super().__init__(_("The authority has no such channel: see its list of channels."))


@dataclass(frozen=True, slots=True)
class Pack:
    """`file` is the ZIP, at its beginning. Use the pack in a `with` block, or close the file.

    `manifest` is the SHA-256 of the manifest, which identifies the pack later.
    """

    name: str
    file: IO[bytes]
    size: int
    manifest: str
    letter: Letter
    filled: tuple[Filled, ...]
    citations: tuple[Citation, ...]

    def read(self, path: str) -> bytes:
        """One file of the pack. KeyError if it has none at `path`."""
        with zipfile.ZipFile(self.file) as archive:
            return archive.read(path)

    def __enter__(self) -> "Pack":
        return self

    def __exit__(self, *error: object) -> None:
        self.file.close()


def build_pack(
    *,
    reporter: Reporter,
    reports: Sequence[Report],
    authority: Authority,
    details: Details,
    now: datetime,
) -> Pack:
    """The pack of the reporter's own reports for an authority. A second or less, plus the evidence.

    Raises ComplaintError, ReportNotFound for another reporter's report, StorageUnavailable.
    """
    reports = own_reports(reporter, [report.public_id for report in reports])
    entries = entries_of(reports)
    case = case_of(reports, files_of(entries), heads_of(entries), authority, details, now)
    letter = write(case)
    if letter is None:
        raise LanguageUnknown(_("There is no letter in this language: choose another."))
    filled = tuple(channels.fill_in(channel, case) for channel in _channels(authority, details))
    chart = charts.draw(case.incidents, language=case.language, zone=case.zone)
    archive = Archive(now)
    try:
        _add_letter(archive, letter, case, chart, now)
        archive.add("calls.csv", call_log(case.incidents, language=case.language, zone=case.zone))
        if chart:
            archive.add("timeline.svg", charts.svg(chart))
        for each in filled:
            _add_channel(archive, each, case, entries, details, now)
        archive.add("README.txt", guide(case, filled, language=details.reader).encode())
        archive.add("evidence/log.json", log_of(reports, entries))
        for entry in each_once(entries):
            archive.copy(path_of(entry), entry)
        archive.add("verify.py", VERIFIER.read_bytes())
        manifest = archive.finish(_about(case, reports))
    except BaseException:
        archive.discard()
        raise
    return Pack(
        name=f"ringscore-{authority.slug}-{now.astimezone(case.zone):%Y%m%d}.zip",
        file=archive.file,
        size=archive.size,
        manifest=manifest,
        letter=letter,
        filled=filled,
        citations=tuple(case.citations),
    )


def _channels(authority: Authority, details: Details) -> list[Channel]:
    active = authority.channels.filter(active=True).select_related("authority")
    chosen = list(active.order_by("rank", "slug"))
    if details.channel is None:
        return chosen
    chosen = [each for each in chosen if each.pk == details.channel.pk]
    if not chosen:
        raise ChannelUnknown
    return chosen


def _add_letter(
    archive: Archive,
    letter: Letter,
    case: ComplaintCase,
    chart: Sequence[charts.Shape],
    now: datetime,
) -> None:
    document = pdf.letter(
        title=letter.subject,
        text=letter.body,
        language=case.language,
        chart=chart,
        made_at=now,
    )
    archive.add("letter.pdf", document)
    archive.add("letter.txt", f"{letter.subject}\n\n{letter.body}\n".encode())


def _add_channel(
    archive: Archive,
    filled: Filled,
    case: ComplaintCase,
    entries: Sequence[EvidenceEntry],
    details: Details,
    now: datetime,
) -> None:
    channel = filled.channel
    if filled.messages or filled.forms:
        page = channels.as_text(filled, case, reader=details.reader)
        archive.add(f"send/{channel.slug}.txt", page.encode())
    if channel.kind != Channel.Kind.EMAIL or not channel.address:
        return
    covering = write(case, kind=Template.Kind.EMAIL)
    if covering is None:
        return
    attached = [
        Attached(name, kind, archive.small[name])
        for name, kind in (
            ("letter.pdf", "application/pdf"),
            ("calls.csv", "text/csv"),
            ("timeline.svg", "image/svg+xml"),
        )
        if name in archive.small
    ]
    room = MOST_MAIL - sum(len(each.content) for each in attached)
    left_out = []
    for entry in each_once(entries):
        if entry.size > room:
            left_out.append(path_of(entry))
            continue
        room -= entry.size
        with attachments.open_own(entry) as file:
            content = file.read()
        attached.append(Attached(path_of(entry).rpartition("/")[2], entry.media_type, content))
    mail = channels.as_mail(
        channel,
        channels.noting(covering, left_out, language=case.language),
        sender=case.person.email,
        attachments=attached,
        made_at=now,
    )
    archive.add(f"send/{channel.slug}.eml", mail)


def _about(case: ComplaintCase, reports: Sequence[Report]) -> dict[str, object]:
    return {
        "format": FORMAT,
        "made_at": rfc3339(case.made_at),
        "authority": case.authority.slug,
        "reports": [
            {"id": str(report.public_id), "number": report.number.key} for report in reports
        ],
    }
