"""Whether our own mail server confirms the domain in From: Authentication-Results, RFC 8601.

Senders choose words that servers copy into these headers (HELO, MAIL FROM), and may write such
headers themselves. So an ambiguous header confirms nothing, and the sender is asked to confirm.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import authres

from reputation.privacy import ascii_domain, organisation

LONGEST = 4_000  # characters of one header
MOST = 10  # headers of our server
DEEPEST = 5  # nested comments
_METHODS = ("dmarc", "dkim", "spf")
# A comment with these words quotes the sender (RFC 7208, section 9.1). Some servers copy it
# unchanged, so that it can end the comment early. The text before it is the server's own.
_QUOTES_SENDER = re.compile(r"\b(?:helo|envelope-from)\s*=", re.IGNORECASE)


class Ambiguous(ValueError):
    """The header can be read in more than one way, or in none."""


@dataclass(frozen=True, slots=True)
class _Results:
    """The results of one method, and the position of their header from the top."""

    place: int
    found: list[authres.AuthenticationResult]

    def passed(self) -> list[authres.AuthenticationResult]:
        return [each for each in self.found if each.result == "pass"]


def vouches(fields: Iterable[tuple[str, str]], *, domain: str, server: str) -> bool:
    """Whether the mail server named `server` found that a letter comes from `domain`.

    `fields`: the letter's (name, value), from the top. All headers of `server` count up to the next
    Received, the topmost for each method; other servers' are not read. DMARC has to name the domain
    itself, DKIM and SPF its organisation's (RFC 7489, section 3.1, relaxed).
    """
    domain = ascii_domain(domain)
    if not server or not domain:
        return False
    try:
        by_method = _results(fields, server)
    except Ambiguous:
        return False
    dkim, spf, dmarc = (by_method.get(each) for each in ("dkim", "spf", "dmarc"))
    aligned = _aligned(dkim, ("header", "d"), ("header", "i"), domain=domain) or _aligned(
        spf, ("smtp", "mailfrom"), domain=domain
    )
    if dmarc is None:
        return aligned
    if any(each.result == "fail" for each in dmarc.found):
        return False
    if not dmarc.passed():
        return aligned
    named = [_values(each, ("header", "from")) for each in dmarc.found]
    if any(values != [domain] for values in named):
        return False
    # DMARC is based on one of the others. If an upper header has results of these and none of them
    # fits, another server wrote this one.
    return aligned or dmarc.place == 0 or (dkim is None and spf is None)


def without_comments(text: str, *, stop: re.Pattern[str] | None = None) -> str:
    """A structured header without its comments (RFC 5322, section 3.2.2), up to a comment in which
    `stop` is found. Raises Ambiguous: the end is missing, or quotes and comments interlock."""
    kept: list[str] = []
    comment: list[str] = []
    depth, quoted, escaped = 0, False, False
    for char in text:
        if not depth:
            kept.append(char)
        if escaped:
            escaped = False
        elif char == "\\":
            escaped = True
        elif char == '"':
            if depth:
                raise Ambiguous("A quotation mark in a comment.")
            quoted = not quoted
        elif quoted:
            continue
        elif char == "(":
            if not depth:
                kept[-1] = " "
                comment.clear()
            depth += 1
            if depth > DEEPEST:
                raise Ambiguous("Too many comments within comments.")
        elif char == ")":
            if not depth:
                raise Ambiguous("A comment ends that never began.")
            depth -= 1
            if not depth and stop is not None and stop.search("".join(comment)):
                return "".join(kept)
        if depth:
            comment.append(char)
    if depth or quoted or escaped:
        raise Ambiguous("A comment or a quotation has no end.")
    return "".join(kept)


def _results(fields: Iterable[tuple[str, str]], server: str) -> dict[str, _Results]:
    """What our server found, by method. Raises Ambiguous."""
    ours = re.compile(rf"\s*{re.escape(server)}(?![^\s;(])", re.IGNORECASE)
    found: dict[str, _Results] = {}
    place = 0
    for name, value in fields:
        if name.lower() == "received" and place:
            break  # headers below came with the letter
        if name.lower() != "authentication-results":
            continue
        if not ours.match(value):
            continue
        if place == MOST:
            raise Ambiguous("Too many headers.")
        header = _read(value)
        for method in _METHODS:
            results = [each for each in header.results if each.method == method]
            if results:
                found.setdefault(method, _Results(place, results))
        place += 1
    return found


def _read(value: str) -> authres.AuthenticationResultsHeader:
    """Parses a header. Raises Ambiguous."""
    if len(value) > LONGEST:
        raise Ambiguous("A header is too long.")
    plain = without_comments(re.sub(r"\r?\n", "", value), stop=_QUOTES_SENDER)
    try:
        return _features().parse_value(plain.strip())
    except (authres.AuthResError, ValueError) as error:
        raise Ambiguous("A header cannot be read.") from error


@cache
def _features() -> authres.FeatureContext:
    """Reads all methods as the general one: only their names and properties matter here."""
    return authres.FeatureContext()


def _aligned(results: _Results | None, *names: tuple[str, str], domain: str) -> bool:
    """Whether a passed result names this domain's organisation, and no other organisation."""
    for each in results.passed() if results else ():
        values = [value for name in names for value in _values(each, name)]
        if values and all(organisation(value) == organisation(domain) for value in values):
            return True
    return False


def _values(result: authres.AuthenticationResult, name: tuple[str, str]) -> list[str]:
    """The domains of a property: of each occurrence, without the part before an @."""
    found = [each.value or "" for each in result.properties if (each.type, each.name) == name]
    return [ascii_domain(value.rpartition("@")[2]) for value in found]
