"""The letter: the choice of its template, and the values of its placeholders."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import Q

from reputation.complaints.citing import Citation, acts_of
from reputation.complaints.incidents import Incident, shown, total
from reputation.complaints.wording import fill, one_line
from reputation.complaints.words import counted, words
from reputation.identity import country_of, dialled, display, zone_name
from reputation.languages import ENGLISH, choose, is_chinese
from reputation.models import Authority, Campaign, ProvisionAct, Template

# The letter has a line for each day, number and kind, the newest so many; the log has the rest.
MOST_LINES = 200
_CHINESE_ITEM = re.compile("第（([一二三四五六七八九十])）项")


@dataclass(frozen=True, slots=True)
class Person:
    """The complainant, as the letter is signed. Never stored; each part may be empty."""

    name: str = ""
    identity: str = ""  # number of an identity document
    own_number: str = ""
    address: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class ComplaintCase:
    """The data for letters, messages and forms. `country` is the country of the law;
    `campaigns` those that the public may see."""

    authority: Authority
    addressee: str
    country: str
    language: str
    zone: ZoneInfo
    person: Person
    statement: str
    incidents: Sequence[Incident]
    citations: Sequence[Citation]
    enclosures: Sequence[str]
    campaigns: Sequence[Campaign]
    made_at: datetime


def template_for(
    *, kind: Template.Kind, authority: Authority, language: str, country: str
) -> Template | None:
    """The most specific active template: the authority's, its kind's here, its kind's, or any."""
    fitting = Template.objects.filter(
        Q(authority=authority) | Q(authority=None),
        kind=kind,
        language=language,
        active=True,
        country__in=["", country],
        authority_kind__in=["", authority.kind],
    )
    return max(
        fitting.order_by("pk"),
        key=lambda each: (each.authority_id is not None, each.authority_kind, each.country),
        default=None,
    )


def write(case: ComplaintCase, *, kind: Template.Kind = Template.Kind.LETTER) -> Letter | None:
    """The letter or covering e-mail of a case; None if no template exists in its language."""
    template = template_for(
        kind=kind, authority=case.authority, language=case.language, country=case.country
    )
    if template is None:
        return None
    values = values_of(case)
    return Letter(one_line(fill(template.subject, values)), fill(template.body, values))


def values_of(case: ComplaintCase) -> dict[str, str]:
    """The values of placeholders about the whole case."""
    says, person = words(case.language), case.person
    times = sorted(each.at for each in case.incidents if each.at is not None)
    days = sorted(each.day for each in case.incidents)
    newest = case.incidents[-1]
    return {
        "acts": _list(_acts(case)),
        "accounts": says["semicolon"].join(
            _unique(one_line(each.accounts) for each in case.incidents if each.accounts)
        ),
        "address": one_line(person.address),
        "alike": says["semicolon"].join(
            says["alike"].format(
                people=counted(says["people"], each.reporters),
                numbers=counted(says["on_numbers"], each.numbers),
            )
            for each in case.campaigns
        ),
        "authority": case.addressee,
        "callback": says["comma"].join(
            _unique(_named(each.callback, case) for each in case.incidents if each.callback)
        ),
        "calls": str(total(case.incidents)),
        "category": says["comma"].join(
            _unique(says["categories"][each.category] for each in case.incidents)
        ),
        "claimed_name": says["comma"].join(
            _unique(one_line(each.claimed_name) for each in case.incidents if each.claimed_name)
        ),
        "content": one_line(case.statement)
        or _row(
            _unique(one_line(each.content) for each in case.incidents if each.content),
            says["semicolon"],
        )
        or says["categories"][newest.category],
        "date": case.made_at.astimezone(case.zone).date().isoformat(),
        "email": one_line(person.email),
        "enclosures": _list(case.enclosures),
        "first": days[0].isoformat(),
        "identity": one_line(person.identity),
        "incidents": _list(_incidents(case)),
        "last": days[-1].isoformat(),
        "name": one_line(person.name),
        "number": dialled(newest.key, country=case.country),
        "period": _days(
            _unique([days[0].isoformat(), days[-1].isoformat()]), case.language, most=1
        ),
        "numbers": says["comma"].join(_unique(_named(each.key, case) for each in case.incidents)),
        "own_number": one_line(person.own_number),
        "statement": case.statement.strip(),
        "statutes": _list(_statutes(case)),
        "time": shown(times[-1], case.zone) if times else days[-1].isoformat(),
        "time_zone": zone_name(case.zone.key, case.language),
    }


def values_of_one(case: ComplaintCase, incidents: Sequence[Incident]) -> dict[str, str]:
    """The values for messages and forms about incidents from one number.

    The time is that of the newest incident; words are those of the newest incident with words.
    """
    newest = incidents[-1]
    says = words(case.language)
    callback = _latest(each.callback for each in incidents)
    return values_of(case) | {
        "calls": str(total(incidents)),
        "callback": _named(callback, case) if callback else "",
        "category": says["categories"][newest.category],
        "claimed_name": one_line(_latest(each.claimed_name for each in incidents)),
        "content": one_line(_latest(each.content for each in incidents))
        or says["categories"][newest.category],
        "first": incidents[0].day.isoformat(),
        "last": newest.day.isoformat(),
        "number": dialled(newest.key, country=case.country),
        "time": shown(newest.at, case.zone) or newest.day.isoformat(),
    }


def _latest(texts: Iterable[str]) -> str:
    return next((text for text in reversed(list(texts)) if text), "")


def _named(key: str, case: ComplaintCase) -> str:
    """A number as people read it; a short code of the case's country without it."""
    if not key.startswith("+") and country_of(key) == case.country:
        return dialled(key, country=case.country)
    return display(key)


def _list(lines: Iterable[str]) -> str:
    return "\n".join(f"{place}. {line}" for place, line in enumerate(lines, 1))


def _row(texts: Sequence[str], semicolon: str) -> str:
    """The texts in one line: a semicolon between them where none ends as a sentence does."""
    mark = semicolon.rstrip()
    ended = [text if text[-1:] in ".。!！?？…" else f"{text}{mark}" for text in texts[:-1]]
    return semicolon.removeprefix(mark).join([*ended, *texts[-1:]])


def _unique(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(texts))


def _incidents(case: ComplaintCase) -> list[str]:
    """A line for each day, number and kind, with every time and all words."""
    says = words(case.language)
    by_day: dict[tuple[date, str, str], list[Incident]] = {}
    for each in case.incidents:
        by_day.setdefault((each.day, each.key, each.kind), []).append(each)
    lines = [_day(incidents, case) for incidents in by_day.values()]
    left_out = len(lines) - MOST_LINES
    if left_out <= 0:
        return lines
    return [*lines[left_out:], counted(says["more_incidents"], left_out)]


def _day(incidents: Sequence[Incident], case: ComplaintCase) -> str:
    """One line about the calls, or the messages, of one day from one number."""
    says, first, count = words(case.language), incidents[0], total(incidents)
    times = [shown(each.at, case.zone).partition(" ")[2] for each in incidents if each.at]
    line = f"{_named(first.key, case)}  {says['kinds'][first.kind]}"
    if len(incidents) == 1 or len(set(times)) == 1:
        line = f"{shown(first.at, case.zone) or first.day.isoformat()}  {line}"
        times = []
    else:
        line = f"{first.day.isoformat()}  {line}"
    if count > 1:
        line += says["times"].format(count)
    if times:
        line += says["bracketed"].format(says["comma"].join(_unique(times)))
    contents = _unique(one_line(each.content) for each in incidents if each.content)
    if contents:
        line += says["colon"] + says["semicolon"].join(map(says["quoted"].format, contents))
    return line


def _acts(case: ComplaintCase) -> list[str]:
    """Each act, with its numbers and days."""
    says = words(case.language)
    by_act: dict[str, dict[str, list[str]]] = {}
    for each in case.incidents:
        for act in acts_of(each):
            days = by_act.setdefault(act, {}).setdefault(_named(each.key, case), [])
            days.append(each.day.isoformat())
    return [
        says["conduct"][act]
        + says["colon"]
        + says["semicolon"].join(
            number + says["bracketed"].format(_days(days, case.language))
            for number, days in numbers.items()
        )
        for act, numbers in by_act.items()
    ]


def _days(days: Iterable[str], language: str, *, most: int = 3) -> str:
    """Up to `most` days, or the first and the last."""
    says, distinct = words(language), sorted(set(days))
    if len(distinct) <= most:
        return str(says["comma"].join(distinct))
    return str(says["between"].format(distinct[0], distinct[-1]))


def _statutes(case: ComplaintCase) -> list[str]:
    return [_cited(citation, case.language) for citation in case.citations]


def _cited(citation: Citation, language: str) -> str:
    says, provision = words(language), citation.provision
    head = title_of(citation, language)
    gap = "" if is_chinese(language) else " "
    wording = says["semicolon"].join(
        f"{item}{gap if item else ''}{_wording(citation, act, language)}"
        for act in citation.acts
        for item in [_item(act.item, language)]
    )
    when = _days([citation.first.isoformat(), citation.last.isoformat()], language, most=1)
    penalty = choose(language, english=provision.penalty, chinese=provision.penalty_zh)
    line: str = head + says["acts_of"].format(when) + says["colon"] + wording + says["stop"]
    # The seeds have penalties in two languages: letters in a third omit the penalty.
    if penalty and (language == ENGLISH or is_chinese(language)):
        line += gap + says["penalty"] + penalty
    return line


def _wording(citation: Citation, act: ProvisionAct, language: str) -> str:
    """The wording of the act, with the number of calls in the log if the act is about that."""
    own = citation.provision.statute.is_written_in(language) and act.wording_own
    return (own or act.wording_in(language)) + _count(citation, act, language)


def _count(citation: Citation, act: ProvisionAct, language: str) -> str:
    count = citation.counted.get(act.conduct)
    if count is None or act.conduct == ProvisionAct.Pattern.ANY:
        return ""
    return counted(words(language)["counted"], count)


def _item(item: str, language: str) -> str:
    """The item of an article, such as 第（五）项, in the letter's language: item (5)."""
    if is_chinese(language):
        return choose(language, english="", chinese=item)
    if not (found := _CHINESE_ITEM.fullmatch(item)):
        return item
    number = "一二三四五六七八九十".index(found[1]) + 1
    return str(words(language)["item"].format(number))


def title_of(citation: Citation, language: str) -> str:
    """Statute and article as cited in a language; the statute alone if the article is unknown."""
    provision = citation.provision
    title = provision.statute.title_in(language)
    if is_chinese(language):
        return title + choose(language, english="", chinese=provision.article)
    article = provision.article_en if language == ENGLISH else provision.article
    return f"{title}, {article}" if article else title


def enclosures(
    *, files: Iterable[Mapping[str, str]], heads: Mapping[str, str], chart: bool, language: str
) -> list[str]:
    """The enclosures of a pack, one a line: log, chart, files of evidence, ends of their logs."""
    says = words(language)
    return [
        says["enclosed_log"],
        *([says["enclosed_chart"]] if chart else []),
        *(
            says["evidence_file"].format_map(file)
            + (says["called"].format(file["called"]) if file["called"] else "")
            for file in files
        ),
        *(says["log_end"].format(report=report, digest=digest) for report, digest in heads.items()),
    ]
