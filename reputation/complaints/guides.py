"""The pack's README: instructions in the complainant's language."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from reputation.complaints.channels import Filled
from reputation.complaints.citing import Citation
from reputation.complaints.letters import ComplaintCase, title_of
from reputation.identity import zone_name
from reputation.languages import ENGLISH, SIMPLIFIED, choose, nearest
from reputation.models import Channel, Sourced

_ADDRESS = re.compile(r"https?://[!-~]+(?<![:;,.)])")
PATH = Path(__file__).parent / "data" / "guide.json"


def guide(case: ComplaintCase, filled: Sequence[Filled], *, language: str) -> str:
    """The README's text. `language`: any tag (reputation.languages.nearest)."""
    reader = nearest(language)
    says = _texts(reader)
    made = case.made_at.astimezone(case.zone)
    zone = zone_name(case.zone.key, reader)
    unchecked = list(_unchecked(case, filled, reader))
    steps = [*says["steps"][:2], says["steps"][2] if unchecked else says["all_checked"]]
    lines = [
        says["title"].format(case.authority.name_in(reader)),
        says["made"].format(f"{made:%Y-%m-%d %H:%M}", zone),
        *("", says["before"], *_numbered(steps)),
        *(f"   - {each}" for each in unchecked),
        *("", says["where"], *_where(filled, reader)),
        *("", says["inside"], *(f"- {each}" for each in says["files"])),
        *("", says["check"], says["checking"]),
        *("", says["after"], *(f"- {each}" for each in says["later"])),
    ]
    return "\n".join(lines) + "\n"


def unchecked_laws(citations: Iterable[Citation], *, language: str) -> list[str]:
    """The cited provisions that no person has compared with the official text yet."""
    reader = nearest(language)
    return [title_of(each, reader) for each in citations if not each.provision.checked]


def _where(filled: Sequence[Filled], reader: str) -> Iterator[str]:
    says = _texts(reader)
    for place, each in enumerate(filled, 1):
        channel = each.channel
        in_person = channel.kind == Channel.Kind.PERSON
        address = channel.address or ("" if in_person else says["find"])
        yield f"{place}. {says['kinds'][channel.kind].format(address)}"
        if each.messages or each.forms:
            yield f"   {says['file'].format(f'send/{channel.slug}.txt')}"
        elif channel.kind == Channel.Kind.EMAIL:
            yield f"   {says['file'].format(f'send/{channel.slug}.eml')}"
        else:
            yield f"   {says['letter']}"
        if note := channel.note_in(reader):
            yield f"   {note}"


def _unchecked(case: ComplaintCase, filled: Sequence[Filled], reader: str) -> Iterator[str]:
    """Each fact in the pack that no person has compared with the official source yet."""
    for citation in case.citations:
        if not citation.provision.checked:
            yield _named(title_of(citation, reader), citation.provision, reader)
    for each in filled:
        if not each.channel.checked:
            kind = _texts(reader)["kinds"][each.channel.kind].format(each.channel.address)
            yield _named(kind.rstrip(" :："), each.channel, reader)


def _named(what: str, row: Sourced, reader: str) -> str:
    """Sources are noted in English: of one that is no address, a reader of Chinese gets the day."""
    date = f", {row.source_date.isoformat()}" if row.source_date else ""
    source = row.source if reader == "en" else next(iter(_ADDRESS.findall(row.source)), "")
    if not source:
        return what + (f"（{row.source_date.isoformat()}）" if row.source_date else "")
    text: str = _texts(reader)["unchecked"].format(what=what, source=source, date=date)
    return text


def _numbered(lines: Sequence[str]) -> Iterator[str]:
    return (f"{place}. {line}" for place, line in enumerate(lines, 1))


@cache
def _texts(reader: str) -> dict[str, Any]:
    texts: dict[str, dict[str, Any]] = json.loads(PATH.read_text())
    return {
        name: _written(english, texts[SIMPLIFIED][name], reader)
        for name, english in texts[ENGLISH].items()
    }


def _written(english: Any, chinese: Any, reader: str) -> Any:
    match english:
        case str():
            return choose(reader, english=english, chinese=chinese)
        case dict():
            return {name: _written(english[name], chinese[name], reader) for name in english}
        case _:
            return [_written(*pair, reader) for pair in zip(english, chinese, strict=True)]
