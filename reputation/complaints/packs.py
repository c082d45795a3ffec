"""A complaint pack: one ZIP with the letter, the log, the evidence, and texts for each channel.

It has everything that an authority asks for, in the order of use, and a script that verifies the
pack without us. The same case at the same time gives the same bytes.
"""

import re
import uuid
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db.models import Q
from django.utils.translation import gettext as _

from edge import rfc3339
from reputation import attachments
from reputation.attachments import shown_fields
from reputation.campaigns import campaigns_of
from reputation.complaints import channels, charts, pdf
from reputation.complaints.archives import Archive, as_json
from reputation.complaints.channels import Attached, Filled
from reputation.complaints.citing import Citation, cite
from reputation.complaints.guides import guide
from reputation.complaints.incidents import Incident, call_log, incidents_of
from reputation.complaints.letters import ComplaintCase, Letter, Person, enclosures, write
from reputation.complaints.wording import one_line
from reputation.complaints.words import LANGUAGE_OF, LANGUAGES, words
from reputation.identity import country_of, display, zone_of
from reputation.languages import ENGLISH, SIMPLIFIED, TRADITIONAL, choose, is_chinese, nearest
from reputation.models import (
    Authority,
    Channel,
    EvidenceEntry,
    LoggedCall,
    Report,
    Reporter,
    Template,
)
from reputation.reports import ReportNotFound, diary

FORMAT = "ringscore-pack/1"
# Characters that a complainant writes; a line takes an e-mail address of any length.
LINE, PARAGRAPH, STATEMENT = 254, 500, 5000
_HAN = re.compile("[一-鿿]")
MOST_REPORTS = 50
MOST_CALLS = 1000
MOST_BYTES = 200_000_000  # of evidence in a pack
MOST_MAIL = 15_000_000  # of attachments: what most mail servers take, before it grows in base64
VERIFIER = Path(__file__).with_name("verify.py")


class ComplaintError(Exception):
    """No pack could be made. `field` names the part at fault, or is empty."""

    field = ""


class NothingReported(ComplaintError):
    """No report was chosen, or a report of a legitimate caller."""

    field = "reports"


class TooMuch(ComplaintError):
    """More reports, calls or evidence than a pack holds."""

    field = "reports"


class LanguageUnknown(ComplaintError):
    field = "language"


class ZoneUnknown(ComplaintError):
    field = "time_zone"


class ChannelUnknown(ComplaintError):
    """The authority has no such active channel."""

    field = "channel"


class CallUnknown(ComplaintError):
    """A further call comes from a number that none of the reports is about."""

    field = "calls"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A further call or message that the complainant adds. `key` is a canonical identity."""

    key: str
    at: datetime
    kind: str = Report.Channel.CALL.value
    content: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """The complainant's input for a pack beside the reports. Never stored.

    `language` of letter, log and chart (words.LANGUAGES; empty: the authority's own), `reader` of
    the guide for the complainant; `country` of the cited law (empty: the authority's, else the
    number's); `time_zone` an IANA name (empty: the country's); `addressee` instead of the
    authority's, such as the nearest police station; `channel` the only one to fill in (None: all).
    """

    person: Person = field(default_factory=Person)
    statement: str = ""
    addressee: str = ""
    language: str = ""
    reader: str = "en"
    country: str = ""
    time_zone: str = ""
    channel: Channel | None = None
    calls: Sequence[Call] = ()


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
    entries = _entries(reports)
    case = _case(reports, entries, authority, details, now)
    letter = write(case)
    if letter is None:
        raise LanguageUnknown(_("There is no letter in this language: choose another."))
    filled = tuple(channels.fill_in(channel, case) for channel in _channels(authority, details))
    chart = charts.draw(case.incidents, language=case.language, zone=case.zone)
    archive = Archive(now)
    try:
        archive.add(
            "letter.pdf",
            pdf.letter(
                title=letter.subject,
                text=letter.body,
                language=case.language,
                chart=chart,
                made_at=now,
            ),
        )
        archive.add("letter.txt", f"{letter.subject}\n\n{letter.body}\n".encode())
        archive.add("calls.csv", call_log(case.incidents, language=case.language, zone=case.zone))
        if chart:
            archive.add("timeline.svg", charts.svg(chart))
        for each in filled:
            _add_channel(archive, each, case, entries, details, now)
        archive.add("README.txt", guide(case, filled, language=details.reader).encode())
        archive.add("evidence/log.json", _log(reports, entries))
        for entry in _each_once(entries):
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


def letter_language(authority: Authority, reports: Sequence[Report], *, country: str = "") -> str:
    """The language of words.LANGUAGES in which this authority is written to, unless told otherwise:
    that of its country; if it has none, of the country of the first report's number."""
    there = country or authority.country or (reports and country_of(reports[0].number.key))
    return LANGUAGE_OF.get(there or "", ENGLISH)


def own_reports(reporter: Reporter, public_ids: Sequence[uuid.UUID]) -> list[Report]:
    """These reports in the given order, each once, with their numbers; all must be the reporter's.

    Raises NothingReported, TooMuch, ReportNotFound.
    """
    wanted = list(dict.fromkeys(public_ids))
    if not wanted:
        raise NothingReported(_("Choose at least one of your reports."))
    if len(wanted) > MOST_REPORTS:
        raise TooMuch(_("A pack holds %d reports. Make two of it.") % MOST_REPORTS)
    own = Report.objects.filter(Q(reporter=reporter) | Q(reporter__merged_into=reporter))
    found = own.select_related("number").in_bulk(wanted, field_name="public_id")
    if missing := [each for each in wanted if each not in found]:
        raise ReportNotFound(
            _("You have no report %s. Use the id that filing the report answered.") % missing[0]
        )
    if any(report.category == "legitimate" for report in found.values()):
        raise NothingReported(_("One of these reports says that the caller is legitimate."))
    return [found[each] for each in wanted]


def _entries(reports: Sequence[Report]) -> list[EvidenceEntry]:
    entries = EvidenceEntry.objects.filter(report__in=reports).select_related("report")
    in_order = list(entries.in_order())
    size = sum(entry.size for entry in _each_once(in_order))
    if size > MOST_BYTES:
        raise TooMuch(
            _(
                "The evidence of these reports has %(size)d bytes, and a pack holds %(most)d. "
                "Choose fewer reports."
            )
            % {"size": size, "most": MOST_BYTES}
        )
    return in_order


def _each_once(entries: Iterable[EvidenceEntry]) -> list[EvidenceEntry]:
    """Entries without repeated content: the pack holds a file of several reports once. Erased files
    are gone."""
    return list({each.sha256: each for each in entries if each.erased_at is None}.values())


def _case(
    reports: Sequence[Report],
    entries: Sequence[EvidenceEntry],
    authority: Authority,
    details: Details,
    now: datetime,
) -> ComplaintCase:
    country = details.country or authority.country or country_of(reports[0].number.key)
    language = details.language or letter_language(authority, reports, country=details.country)
    if language not in LANGUAGES:
        raise LanguageUnknown(_("Letters are written in %s: choose one.") % ", ".join(LANGUAGES))
    zone = _zone(details.time_zone) if details.time_zone else zone_of(country)
    incidents = incidents_of(reports, zone=zone, further=_further(reports, details, now))
    heads: dict[str, str] = {}
    for entry in entries:
        heads[str(entry.report.public_id)] = entry.digest
    files = [
        {
            "name": path_of(entry),
            "called": one_line(entry.name),
            "size": str(entry.size),
            "sha256": entry.sha256,
            "added": f"{entry.added_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC",
        }
        for entry in _each_once(entries)
    ]
    return ComplaintCase(
        authority=authority,
        addressee=details.addressee.strip() or _addressee(authority, incidents, language),
        country=country,
        language=language,
        zone=zone,
        person=details.person,
        statement=details.statement,
        incidents=incidents,
        citations=cite(
            country=country, incidents=incidents, zone=zone, authority_kind=authority.kind
        ),
        enclosures=enclosures(
            files=files,
            heads=heads,
            chart=any(each.at for each in incidents),
            language=language,
        ),
        campaigns=campaigns_of(reports),
        made_at=now,
    )


def _addressee(authority: Authority, incidents: Sequence[Incident], language: str) -> str:
    """The address in the letter's language. The lender has no name here: in another language than
    Chinese it is the one for whom the newest number calls."""
    own = LANGUAGE_OF.get(authority.country, ENGLISH)
    if not authority.country:  # of any: the language that its address is written in
        own = SIMPLIFIED if _HAN.search(authority.addressee) else ENGLISH
    if language == own or nearest(language) == nearest(own) == TRADITIONAL:
        return authority.addressee
    if own == SIMPLIFIED and is_chinese(language):
        return choose(language, english="", chinese=authority.addressee)
    if not authority.country and authority.kind == Authority.Kind.LENDER:
        return str(words(language)["lender"].format(display(incidents[-1].key)))
    return authority.addressee_in(language)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ZoneUnknown(_("Name a time zone as IANA does, such as Asia/Shanghai.")) from None


def _further(reports: Sequence[Report], details: Details, now: datetime) -> list[LoggedCall]:
    """The calls that the complainant adds to this complaint alone, as rows that are not saved."""
    if len(details.calls) > MOST_CALLS:
        raise TooMuch(_("A pack takes %d further calls; attach the rest as evidence.") % MOST_CALLS)
    about = {report.number.key: report for report in reports}
    added = []
    for call in details.calls:
        report = about.get(call.key)
        if report is None:
            raise CallUnknown(_("None of the reports is about %s: report it first.") % call.key)
        if call.at > now:
            raise CallUnknown(_("A call lies in the future: check its date and offset."))
        if call.at < diary.FIRST_CALL:
            raise CallUnknown(_("A call lies before 1970: check its date."))
        added.append(
            LoggedCall(
                report=report, at=call.at, channel=call.kind, words=call.content, noted_at=now
            )
        )
    return added


def _channels(authority: Authority, details: Details) -> list[Channel]:
    active = authority.channels.filter(active=True).select_related("authority")
    chosen = list(active.order_by("rank", "slug"))
    if details.channel is None:
        return chosen
    chosen = [each for each in chosen if each.pk == details.channel.pk]
    if not chosen:
        raise ChannelUnknown(_("The authority has no such channel: see its list of channels."))
    return chosen


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
    for entry in _each_once(entries):
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


def path_of(entry: EvidenceEntry) -> str:
    """The path of a file of evidence: by its content, since file names are personal too."""
    return f"evidence/{entry.sha256[:16]}{attachments.EXTENSIONS[entry.media_type]}"


def _log(reports: Sequence[Report], entries: Sequence[EvidenceEntry]) -> bytes:
    results: dict[int, list[dict[str, object]]] = {report.pk: [] for report in reports}
    for entry in entries:
        results[entry.report_id].append(shown_fields(entry))
    content = {
        "reports": [
            {"report": str(report.public_id), "results": results[report.pk]} for report in reports
        ],
        "files": {entry.sha256: path_of(entry) for entry in _each_once(entries)},
    }
    return as_json(content)


def _about(case: ComplaintCase, reports: Sequence[Report]) -> dict[str, object]:
    return {
        "format": FORMAT,
        "made_at": rfc3339(case.made_at),
        "authority": case.authority.slug,
        "reports": [
            {"id": str(report.public_id), "number": report.number.key} for report in reports
        ],
    }
