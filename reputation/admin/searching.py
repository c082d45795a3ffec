"""Interprets the search box of all lists.

A list declares with `Search` the columns by which it can be searched. The term decides: a number in
any notation, the beginning of one, `cluster:40`, a report's id, or words. Words are sought in what
the page shows, never in what it masks: otherwise the list would reveal masked text letter by
letter.
"""

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.contrib import messages
from django.db.models import Max, Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from reputation.identity import InvalidNumber, identify
from reputation.languages import colon, full_stop
from reputation.models import Number, Report, Reporter
from reputation.moderation import reasons, refusal
from reputation.privacy import mask

# At most this many rows are counted, which is 20 pages: beyond that a filter is needed. If few rows
# of many match, finding five times as many takes five times as long.
CEILING: Final = 2_000
# Numbers, or accounts of a cluster, that one search follows.
FOLLOWED: Final = 500
# How many of a large table's newest rows are searched for words: reading all would take seconds.
NEWEST: Final = 50_000
FEWEST: Final = 3  # digits of the beginning of a number

_NATIONAL = re.compile(r"([A-Za-z]{2})[ ,;:]+(.*[0-9].*)")
_BEGINNING = re.compile(r"(?:\+|00)([\d\s().\-]+?)(\*|…|\.\.\.)?")
_CLUSTER = re.compile(r"(?:cluster|团伙)\s*[:：]?\s*(\d{1,18})", re.IGNORECASE)
# Texts that can only be numbers: digits, with the signs between and before them.
_NUMBER = re.compile(r"(?:tel|sips?):.+|(?:[a-z]{2}[ ,;:]+)?[+\d０-９][\d０-９\s().,/*…-]*", re.I)

HELP = {
    "number": _("a number in any notation (+86 154 0000 1234, CN 15400001234), or its beginning"),
    "words": _("words"),
    "cluster": _("cluster:40"),
    "id": _("the id of a report"),
    "handle": _("a whole handle"),
}


@dataclass(frozen=True, slots=True)
class Search:
    """The columns by which a list is searched.

    `number` leads to the id of a number, `reporter` to that of a reporter, `public_id` to a UUID,
    `handle` to a reporter's handle; "" if the list has none. `words`: columns that the list shows
    unmasked, in the rows of `within`; with `newest` only among the newest rows. `reports`: a column
    of the list and the column of Report that it equals, for words of reports and for reports of a
    cluster.
    """

    number: str = ""
    reporter: str = ""
    public_id: str = ""
    handle: str = ""
    words: tuple[str, ...] = ()
    within: Mapping[str, Any] = field(default_factory=dict)
    newest: bool = False
    reports: tuple[str, str] | None = None

    @property
    def help(self) -> str:
        kinds = (
            ("number", self.number),
            ("words", self.words or self.reports),
            ("cluster", self.reporter or self.reports),
            ("id", self.public_id),
            ("handle", self.handle),
        )
        listed = gettext("; ").join(str(HELP[name]) for name, offered in kinds if offered)
        return f"{listed[:1].upper()}{listed[1:]}{full_stop()}"


def found(
    request: HttpRequest,
    rows: QuerySet[Any],
    term: str,
    search: Search,
    ordering: Sequence[Any],
) -> QuerySet[Any]:
    """The rows that match a term. If the term matches many numbers, the first CEILING rows in the
    list's own ordering. An invalid number gives a message with the reason."""
    term = " ".join(term.split())
    if not term:
        return rows
    if (cluster := _CLUSTER.fullmatch(term)) and (search.reporter or search.reports):
        return _by_cluster(rows, int(cluster[1]), search)
    if search.public_id and (public_id := _uuid(term)):
        return rows.filter(**{search.public_id: public_id})
    if search.handle:
        return rows.filter(**{search.handle: term})
    has_words = bool(search.words or search.reports)
    if search.number and (_NUMBER.fullmatch(term) or not has_words):
        ids = _numbers(request, term)
        of_numbers = rows.filter(**{f"{search.number}__in": ids})
        if len(ids) < 2:
            return of_numbers
        # Selected once and alone: otherwise all matches would be sorted together with their related
        # rows, and again for the count.
        first = of_numbers.order_by(*ordering).values_list("pk", flat=True)[:CEILING]
        return rows.filter(pk__in=list(first))
    return _by_words(rows, term, search)


def _numbers(request: HttpRequest, term: str) -> list[int]:
    """The ids of the number that the term names, or of those that begin with it."""
    beginning = _BEGINNING.fullmatch(term)
    digits = re.sub(r"\D", "", beginning[1]) if beginning else ""
    key, refused = "", ""
    if not (beginning and beginning[2]):
        national = _NATIONAL.fullmatch(term)
        region, number = national.groups() if national else ("", term)
        try:
            key = identify(number, region=region.upper(), allow_fictional=True).key
        except InvalidNumber as error:
            refused = refusal(error, term)
    if key:
        return _ids(Number.objects.filter(key=key))
    if len(digits) >= FEWEST:
        begins = f"+{digits}"
        # The range is for the index, which a pattern uses only where texts sort by bytes.
        within = Q(key__startswith=begins, key__gte=begins, key__lte=begins + "9" * 15)
        ids = _ids(Number.objects.filter(within).order_by("key"))
        if len(ids) == FOLLOWED:
            most = gettext("More than %d numbers begin so: only the first are searched.")
            messages.info(request, most % FOLLOWED)
        return ids
    messages.warning(request, f"{term}{colon()}{refused or gettext('Give three digits or more.')}")
    return []


def _by_cluster(rows: QuerySet[Any], cluster: int, search: Search) -> QuerySet[Any]:
    members = _ids(Reporter.objects.filter(cluster=cluster).order_by("pk"))
    if search.reporter:
        return rows.filter(**{f"{search.reporter}__in": members})
    return rows.filter(_said_in(search, Report.objects.filter(reporter__in=members)))


def _by_words(rows: QuerySet[Any], term: str, search: Search) -> QuerySet[Any]:
    wanted = Q(pk=None)
    for column in search.words:
        wanted |= Q(**{f"{column}__icontains": term}, **search.within)
    if "reason" in search.words and (codes := reasons.codes_saying(term)):
        wanted |= Q(reason__regex=rf"^#({'|'.join(codes)})( |$)")
    if search.newest:
        wanted &= _newest(rows.model)
    if search.reports:
        words = Q(comment_public__icontains=term) | Q(transcript_public__icontains=term)
        words |= Q(pk__in=_naming(term))
        wanted |= _said_in(search, Report.objects.filter(words, _newest(Report)))
    return rows.filter(wanted)


def _naming(term: str) -> list[int]:
    """The newest FOLLOWED reports whose claimed name has the term, as far as masking leaves it."""
    names = Report.objects.filter(_newest(Report), claimed_name__icontains=term)
    newest = names.order_by("-pk").values_list("pk", "claimed_name")[:FOLLOWED]
    return [pk for pk, name in newest if term.casefold() in mask(name).casefold()]


def _newest(model: type[Model]) -> Q:
    last = model._default_manager.aggregate(last=Max("pk"))["last"] or 0
    return Q(pk__gt=last - NEWEST)


def _said_in(search: Search, reports: QuerySet[Report]) -> Q:
    """The rows to which the newest FOLLOWED of these reports belong."""
    if search.reports is None:
        return Q(pk=None)
    column, of_report = search.reports
    ids = reports.order_by("-pk").values_list(of_report, flat=True)[:FOLLOWED]
    return Q(**{f"{column}__in": set(ids)})


def _ids(rows: QuerySet[Any]) -> list[int]:
    return list(rows.values_list("pk", flat=True)[:FOLLOWED])


def _uuid(term: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(term)
    except ValueError:
        return None
