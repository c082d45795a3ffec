"""The case of a complaint: the complainant's own reports and words, the calls, and the law.

Whoever writes a letter, a message or a form takes all of it from here.
"""

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db.models import Q
from django.utils.translation import gettext as _

from reputation.campaigns import campaigns_of
from reputation.complaints.citing import cite
from reputation.complaints.incidents import Incident, incidents_of
from reputation.complaints.letters import ComplaintCase, Person, enclosures
from reputation.complaints.words import LANGUAGE_OF, LANGUAGES, words
from reputation.identity import country_of, display, zone_of
from reputation.languages import ENGLISH, SIMPLIFIED, TRADITIONAL, choose, is_chinese, nearest
from reputation.models import (
    Authority,
    Channel,
    LoggedCall,
    Report,
    Reporter,
)
from reputation.reports import ReportNotFound, diary

# Characters that a complainant writes; a line takes an e-mail address of any length.
LINE, PARAGRAPH, STATEMENT = 254, 500, 5000
MOST_REPORTS = 50
MOST_CALLS = 1000
MOST_LOGGED = 20_000  # calls in the logs of its reports, which take ten seconds to write
_HAN = re.compile("[一-鿿]")


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
    if LoggedCall.objects.filter(report__in=found.values()).count() > MOST_LOGGED:
        raise TooMuch(_("A pack holds %d calls of your logs. Choose fewer reports.") % MOST_LOGGED)
    return [found[each] for each in wanted]


def require_language(language: str) -> None:
    """Raises LanguageUnknown if letters are not written in it."""
    if language not in LANGUAGES:
        raise LanguageUnknown(_("Letters are written in %s: choose one.") % ", ".join(LANGUAGES))


def letter_language(authority: Authority, reports: Sequence[Report], *, country: str = "") -> str:
    """The language of words.LANGUAGES in which this authority is written to, unless told otherwise:
    that of its country; if it has none, of the country of the first report's number."""
    there = country or authority.country or (reports and country_of(reports[0].number.key))
    return LANGUAGE_OF.get(there or "", ENGLISH)


def case_of(
    reports: Sequence[Report],
    files: Sequence[Mapping[str, str]],
    heads: Mapping[str, str],
    authority: Authority,
    details: Details,
    now: datetime,
) -> ComplaintCase:
    """The facts for the letter, the messages and the forms. `files` and `heads` as for
    `enclosures`.

    Raises ComplaintError.
    """
    country = details.country or authority.country or country_of(reports[0].number.key)
    language = details.language or letter_language(authority, reports, country=details.country)
    require_language(language)
    zone = _zone(details.time_zone) if details.time_zone else zone_of(country)
    incidents = incidents_of(reports, zone=zone, further=_further(reports, details, now))
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
