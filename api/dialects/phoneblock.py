"""PhoneBlock's API, as its own clients and SpamBlocker call it: /phoneblock/api/…

Hashes are the SHA-1 of +E164 in hex, in either case. Errors are text, as at PhoneBlock. phoneinfo
makes the answer about a number, ranges that about a range, blocklist the list.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from rest_framework import serializers

from api import limits, metrics
from api.dialects import binary, blocklist, hashes, personal, ranges
from api.dialects.gate import TEXT, Visit, number_of
from api.dialects.markup import element, elements
from api.dialects.phoneinfo import REPORTED, phone_info
from api.dialects.ranges import Range
from api.downloads import packed
from api.errors import InvalidField
from api.rendering import NotJSON, dump, format_in, read_json
from api.serializers import Choice
from edge import client_address, whole_number
from reputation import lookup, reports
from reputation.identity import MAX_INPUT, InvalidNumber
from reputation.lookup import Answer
from reputation.privacy import network_of
from reputation.reports import Statement, filing
from reputation.scoring import Action, Side, Status, is_unwanted

HEX = re.compile(rf"[0-9A-Fa-f]{{{hashes.MIN_HEX},{hashes.MAX_HEX}}}")
DIGITS = re.compile(r"[0-9]{1,9}")
# A last field `comment` with any text, and the JSON around it.
COMMENTED = re.compile(rb'((?>.*?"comment"\s*:\s*"))(.*)("\s*\})\s*', re.DOTALL)
UNKNOWN = "unknown"
# A range only applies to unknown numbers, and adds nothing to numbers that are already blocked.
SPOKEN_FOR = (Status.UNKNOWN.value, Status.LISTED.value)
MOST_BY_LIMIT = 5_000  # is for phone books and other small stores
LEAST_VOTES = 4  # no number on the list has fewer


def check(visit: Visit) -> HttpResponse:
    """Looks up a whole hash. The answer names the number only if it has votes or the caller's
    opinion."""
    number = _hash(visit, "sha1")
    hashes.catch_up()
    known = (*hashes.keys_of("sha1", number), *personal.numbers_with(visit, number))
    key = next(iter(known), "")
    answer = ranges.answers([key], now=visit.now)[key] if key else None
    opinion = personal.opinions(visit, [key]).get(key)
    blocked = personal.is_blocked(visit, key)
    # Some clients leave these out; nonsense in them does not prevent the answer.
    around = [visit.asked(name) for name in ("prefix10", "prefix100")]
    wildcard = _wildcard(visit, answer, *(hex if len(hex) == 40 else "" for hex in around))
    info = phone_info(key, answer, wildcard=wildcard, opinion=opinion, blocked=blocked)
    if not key or (not info["votes"] and opinion is None):
        info["phone"] = UNKNOWN
    return _phone(visit, info)


def check_prefix(visit: Visit) -> HttpResponse:
    """All listed numbers and ranges whose hashes begin with the prefix; the client finds its own in
    them."""
    number = _hash(visit, "sha1", whole=False)
    ten, hundred = (
        _hash(visit, name, whole=False) if visit.asked(name) else ""
        for name in ("prefix10", "prefix100")
    )
    hashes.catch_up()
    tens = ranges.tens(ten, now=visit.now) if ten else []
    hundreds = ranges.hundreds(hundred, now=visit.now) if hundred else []
    named = personal.numbers_with(visit, number)
    answers = ranges.answers([*hashes.keys_of("sha1", number), *named], now=visit.now)
    opinions = personal.opinions(visit, answers)
    numbers = [
        phone_info(key, answer, opinion=opinions.get(key), blocked=personal.is_blocked(visit, key))
        for key, answer in sorted(answers.items())
        if key in opinions or answer.action != Action.ALLOW.value
    ]
    if format_in(visit.request.GET) == "xml":
        body = elements(
            "prefix-check-result",
            [
                elements("numbers", (element("phone-info", info) for info in numbers)),
                elements(
                    "range-10", (element("range-match", match) for match in _range_entries(tens))
                ),
                elements(
                    "range-100",
                    (element("range-match", match) for match in _range_entries(hundreds)),
                ),
            ],
        )
        return _xml(body.encode())
    return _json(
        {"numbers": numbers, "range10": _range_entries(tens), "range100": _range_entries(hundreds)}
    )


def num(visit: Visit, number: str) -> HttpResponse:
    """Looks up a number that is given in plain text."""
    identity = number_of(number, visit.caller)
    if identity.kind == "sender":
        raise InvalidNumber("not_a_number")
    hashes.catch_up()
    key = identity.key
    answer = lookup.look_up(identity, now=visit.now)
    around = [hashes.sha1(prefix).hex() for prefix in (key[:-1], key[:-2])]
    wildcard = _wildcard(visit, answer, *around)
    opinion = personal.opinions(visit, [key]).get(key)
    blocked = personal.is_blocked(visit, key)
    return _phone(
        visit, phone_info(key, answer, wildcard=wildcard, opinion=opinion, blocked=blocked)
    )


class RateRequest(serializers.Serializer[Any]):
    phone = serializers.CharField(max_length=MAX_INPUT)
    rating = Choice(list(REPORTED))
    comment = serializers.CharField(required=False, allow_blank=True, allow_null=True)


def rate(visit: Visit) -> HttpResponse:
    """Files a report."""
    rated = _fields(RateRequest, visit.request.body)
    identity = number_of(rated["phone"], visit.caller, allow_fictional=settings.FICTIONAL_NUMBERS)
    category = REPORTED[rated["rating"]]
    action = lookup.look_up(identity, now=visit.now).action
    submission = reports.submit_report(
        reporter=visit.reporter(),
        identity=identity,
        statement=Statement(
            category=category,
            # Shortened, as at PhoneBlock: some clients accept more text, and drop a report that is
            # refused.
            comment=(rated.get("comment") or "")[: filing.COMMENT_LENGTH],
            # These clients look up each call and block the numbers that we block, so a report of
            # such a number only repeats us. A contradiction does not, nor a report from before our
            # listing.
            was_warned=action == Action.BLOCK.value
            and is_unwanted(category)
            and not personal.reported_unwarned(visit, identity.key),
        ),
        network=network_of(client_address(visit.request.META)),
        now=visit.now,
    )
    metrics.reports_taken("phoneblock", created=submission.created, updated=not submission.created)
    hashes.remember(identity.key)
    return HttpResponse("Rating recorded.", content_type=TEXT)


def report_call(visit: Visit, number: str) -> HttpResponse:
    """Notes a call from a listed number. It orders lists, and is no evidence, since it follows our
    list.

    Calls beyond the daily allowance are accepted and dropped: clients would only send them again.
    """
    identity = number_of(number, visit.caller)
    hashes.catch_up()
    usage = limits.use("report_call", *limits.whose(visit.known_caller))
    listed = lookup.look_up(identity, now=visit.now).action != Action.ALLOW.value
    if listed and not (usage is not None and usage.exceeded):
        hashes.note_call(identity.key, now=visit.now)
    return _nothing()


def list_blocked(visit: Visit) -> HttpResponse:
    form, since, limit = format_in(visit.request.GET), visit.asked("since"), visit.asked("limit")
    if since and (limit or form == "binary"):
        raise InvalidField(
            "since", "since asks for changes: it goes with neither limit nor format=binary."
        )
    if form == "binary":
        return _binary(visit)
    if limit:
        listed = blocklist.liveliest(min(_whole(visit, "limit", least=1), MOST_BY_LIMIT))
    else:
        listed = blocklist.since(_whole(visit, "since", least=0) if since else 0)
    if form == "xml":
        return packed(visit.request, _xml(blocklist.as_xml(listed)))
    answer = HttpResponse(blocklist.as_json(listed), content_type="application/json")
    return packed(visit.request, answer)


def test(visit: Visit) -> HttpResponse:
    return HttpResponse("ok", content_type=TEXT)


def blacklist(visit: Visit) -> HttpResponse:
    return _json({"numbers": personal.listed(visit, Side.UNWANTED)})


def whitelist(visit: Visit) -> HttpResponse:
    return _json({"numbers": personal.listed(visit, Side.LEGITIMATE)})


class RuleRequest(serializers.Serializer[Any]):
    phone = serializers.CharField(max_length=MAX_INPUT, required=False)
    wildcard = serializers.BooleanField(default=False)


def block(visit: Visit, number: str) -> HttpResponse:
    return _remember(visit, number, Side.UNWANTED)


def let_through(visit: Visit, number: str) -> HttpResponse:
    return _remember(visit, number, Side.LEGITIMATE)


def _remember(visit: Visit, number: str, side: Side) -> HttpResponse:
    asked = _fields(RuleRequest, visit.request.body or b"{}")
    personal.remember(visit, asked.get("phone", number), side, wildcard=asked["wildcard"])
    return _nothing()


def forget_unwanted(visit: Visit, number: str) -> HttpResponse:
    personal.forget(visit, number, Side.UNWANTED)
    return _nothing()


def forget_legitimate(visit: Visit, number: str) -> HttpResponse:
    personal.forget(visit, number, Side.LEGITIMATE)
    return _nothing()


def _binary(visit: Visit) -> HttpResponse:
    """The dongle's two files. It asks daily, so unreadable thresholds get their defaults."""
    kind = visit.asked("type")
    if kind == "personal":
        body = binary.encode(*personal.all_opinions(visit))
    elif kind in ("", "community"):
        least, room = visit.asked("minDirect"), visit.asked("maxBytes")
        body = blocklist.as_binary(
            blocklist.whole(),
            least=int(least) if DIGITS.fullmatch(least) else LEAST_VOTES,
            room=int(room) if DIGITS.fullmatch(room) else None,
        )
    else:
        raise InvalidField("type", "type is community or personal.")
    return HttpResponse(body, content_type="application/octet-stream")


def _wildcard(visit: Visit, answer: Answer | None, ten: str, hundred: str) -> int:
    """Votes of the ranges around a number, given by hashes; 0 if the number itself is known."""
    if answer is not None and answer.status not in SPOKEN_FOR:
        return 0
    tens = ranges.tens(ten, now=visit.now) if HEX.fullmatch(ten) else []
    hundreds = ranges.hundreds(hundred, now=visit.now) if HEX.fullmatch(hundred) else []
    return ranges.wildcard_votes(next(iter(tens), None), next(iter(hundreds), None))


def _range_entries(found: Sequence[Range]) -> list[dict[str, Any]]:
    return [{"prefix": match.prefix, "votes": match.votes, "cnt": match.count} for match in found]


def _hash(visit: Visit, name: str, *, whole: bool = True) -> str:
    value = visit.asked(name)
    if HEX.fullmatch(value) is None or (whole and len(value) != hashes.MAX_HEX):
        size = "40" if whole else f"{hashes.MIN_HEX} to {hashes.MAX_HEX}"
        raise InvalidField(name, f"{name} must be {size} hex digits of a SHA-1.")
    return value


def _whole(visit: Visit, name: str, *, least: int) -> int:
    value = whole_number(visit.asked(name))
    if value is None or value < least:
        raise InvalidField(name, f"{name} must be a whole number of at least {least}.")
    return value


def _fields(shape: type[serializers.Serializer[Any]], body: bytes) -> dict[str, Any]:
    """The fields of a JSON body, which may be labelled as a form: SpamBlocker sends no label."""
    try:
        request = shape(data=_loaded(body))
    except NotJSON as error:
        raise InvalidField("", str(error)) from None
    if not request.is_valid():
        raise InvalidField("", _complaint(request.errors))
    return dict(request.validated_data)


def _loaded(body: bytes) -> Any:
    """JSON in which a comment may be unescaped, since SpamBlocker inserts its user's text
    unchanged.

    Raises NotJSON.
    """
    try:
        return read_json(body)
    except NotJSON:
        found = COMMENTED.fullmatch(body)
        if found is None:
            raise
        before, comment, behind = found.groups()
        escaped = dump(comment.decode(errors="replace"))[1:-1]
        return read_json(before + escaped + behind)


def _complaint(errors: Any) -> str:
    """REST framework's errors as one line."""
    if not isinstance(errors, Mapping):
        return str(errors)
    lines = (
        f"{field}: {' '.join(map(str, problems)) if isinstance(problems, list) else problems}"
        for field, problems in errors.items()
    )
    return " ".join(lines)


def _phone(visit: Visit, info: dict[str, Any]) -> HttpResponse:
    if format_in(visit.request.GET) == "xml":
        return _xml(element("phone-info", info).encode())
    return _json(info)


def _nothing() -> HttpResponse:
    return HttpResponse(status=204, content_type=TEXT)


def _json(body: Any) -> HttpResponse:
    """Compact JSON, since clients search it with regular expressions."""
    return HttpResponse(dump(body), content_type="application/json")


def _xml(body: bytes) -> HttpResponse:
    return HttpResponse(body, content_type="text/xml; charset=utf-8")
