"""What may call you, brought to one canonical key. The only importer of phonenumbers; no Django.

Three kinds of key, each its own fixed point: `identify(key).key == key`, whatever region is passed.

    e164      +8613812345678    '+', at most 15 digits
    national  CN:95533          short and service codes, SMS gateway numbers: 3 to 20 digits
    sender    CN@BANKNAME       alphanumeric SMS senders: 1 to 11 characters, upper case

Rules, and why they are so:

- A number is accepted when its length is possible for its calling code, not only when it is
  assigned: spoofed caller IDs are often unassigned, and people must be able to report them.
  North American area codes never start with 0 or 1.
- Up to six digits, length proves nothing (+4922122 is no German number, 22122 is a German SMS
  code): these must be valid as E.164, or they are national-only. Chinese service codes and
  gateways have their own table.
- A plus is believed. Without one the region's own reading comes first, then 00 and a bare calling
  code. Without a region a bare calling code is believed from 12 digits on: 13012345678 is a
  mobile in China and a landline in Maryland.
- The fast path is a subset: one expression per calling code that matches only what the library
  would not change. The slow path alone decides, and a property test holds the two together.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

import phonenumbers
from phonenumbers import (
    PhoneMetadata,
    PhoneNumber,
    PhoneNumberDesc,
    PhoneNumberFormat,
    PhoneNumberType,
    shortnumberinfo,
)

MAX_INPUT = 200  # characters; the longest honest shape is a SIP address with parameters
MAX_E164 = 15  # digits, ITU-T E.164; the library allows more for a few plans
MAX_NATIONAL = 20  # digits; the longest SMS gateway numbers in use in China
MAX_SENDER = 11  # characters, 3GPP TS 23.040 (an alphanumeric address holds 11 of GSM 03.38)
SHORT = 6  # digits; up to here a number is a short code unless it is a valid E.164 number
UNAMBIGUOUS = 12  # digits of a bare international number that are believed without plus and region
FOREIGN = 11  # the same, when the region's own reading is impossible

REGIONS: frozenset[str] = frozenset(phonenumbers.SUPPORTED_REGIONS)

_REMEDY = {
    "empty": "The number is empty: send the number that called, such as +8613812345678.",
    "withheld": "The caller withheld the number, so there is none to report or look up: "
    "block withheld calls on the phone instead.",
    "not_a_number": "This is not a phone number, service code or sender name: "
    "send one number, such as +8613812345678, 95533 with a region, or a sender of 1 to 11 characters.",
    "region_required": "The country is not clear from this number: "
    "write it with + and calling code, or pass region, such as CN.",
    "unknown_region": "The region is not known: pass an ISO 3166 alpha-2 code, such as CN or US.",
    "too_long": "This is too long: a number has at most 20 digits, a sender name 11 characters, an input 200.",
    "impossible": "No number can look like this in its country: "
    "check for a missing area code, missing or extra digits, and the region.",
    "emergency": "Emergency numbers can never be reported or listed: "
    "if your phone showed one, the caller faked it; report the call-back number instead.",
    "fictional": "This number is reserved for fiction and belongs to nobody: "
    "report the number that called, or allow fictional numbers in a demo.",
}


class InvalidNumber(ValueError):
    """The only exception of this module. `code` is a key of the table above; the text names the remedy."""

    def __init__(self, code: str) -> None:
        super().__init__(_REMEDY[code])
        self.code = code


@dataclass(frozen=True, slots=True)
class Identity:
    """A canonical key. `country` is ISO alpha-2, or "" for calling codes of no country (+800, +883)."""

    key: str
    country: str
    kind: str  # "e164" | "national" | "sender"


# Ranges that regulators set aside for fiction, as national significant numbers by calling code.
_FICTIONAL = {
    "1": r"\d{3}55501\d\d",  # NANPA: 555-0100 to 555-0199 in any area
    "33": r"(?:19900|26191|35301|46571|53649|63998)\d{4}",  # ARCEP decision 2018-0881
    # Ofcom, numbers for use in drama (Northern Ireland: the present and the former range)
    "44": r"(?:1(?:1[3-8]|[2-6]1)496|191498|207946|163296|770090|808157|909879|306999|292018)0\d{3}"
    r"|28(?:96496|90180)\d{3}",
    # PTS, numbers for books and films
    "46": r"70174(?:060[5-9]|06[1-9]\d)|3139006\d\d|4062804\d\d|8465004\d\d|9803192\d\d",
    # Bundesnetzagentur, numbers for media productions
    "49": r"(?:3023125|6990009|4066969|2214710|8999998)\d{3}|(?:17139200|176040690)\d\d",
    # ACMA, numbers for creative works
    "61": r"[2378](?:5550|7010)\d{4}|1[38]00975(?:70[7-9]|71[01])|1800160401|49157(?:"
    r"0(?:006|110|15[6-9]|313|737)|1(?:266|491|804)|2(?:549|665|983)|3(?:087|770)|4(?:118|632)"
    r"|5(?:254|789)|6(?:398|801)|7(?:426|644)|8(?:148|888|957)|9(?:212|455|760))",
}

# National-only numbers longer than SHORT, or that the plan's possible lengths would swallow. China:
# carriers 10xxx, gateways 106…, services 11x and 12xxx, 95xxx with extensions, provincial 96xxx.
_SERVICES = {"CN": r"106\d{0,17}|10\d{1,10}|1[12]\d{1,6}|9[56]\d{1,18}"}
# Ten digits are also how a landline of Beijing (10) or Ningxia (951 to 955) looks behind a 0 or +86.
# With a prefix it is that landline; bare it is the service: nobody there omits an area code's 0.
_LANDLINES = {"CN": r"10[2-8]\d{7}|95[1-5][2-8]\d{6}"}

# 112 and 911 reach emergency services from any mobile phone (3GPP TS 22.101). Below, what the
# library's tables lack: traffic police and Beijing's ambulances; the Japanese coast guard.
_EMERGENCY_EVERYWHERE = frozenset({"112", "911"})
_EMERGENCY_TOO = {"CN": frozenset({"122", "999"}), "JP": frozenset({"118"})}

# What networks and phones show in place of a number. "p" and "o" are caller ID codes, -1 to -3 Android's.
_WITHHELD = frozenset(
    "anonymous;anonym;anonyme;anonimo;anónimo;blocked;caller id blocked;hidden;inconnu;masqué;o;p;"
    "no caller id;no number;numéro inconnu;numéro masqué;out of area;payphone;private;privado;"
    "private caller;private number;privato;desconocido;desconhecido;sconosciuto;restricted;"
    "unavailable;unbekannt;unterdrückt;unknown;unknown caller;unknown number;withheld;"
    "номер скрыт;скрытый номер;неизвестно;未知;未知号码;未知来电;私人号码;隐藏号码;匿名;非通知;"
    "非通知設定;公衆電話;通知不可能;표시제한;발신번호표시제한;-1;-2;-3".split(";")
)
_NOTHING = frozenset({"", "none", "n/a", "na", "null", "nil", "-", "--", "."})


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is known of one calling code, computed once."""

    code: str
    region: str  # the main region, "" for calling codes of no country
    lengths: frozenset[int]  # possible lengths of the national significant number
    zero: bool  # its national significant numbers may start with 0, as in Italy
    fast: re.Pattern[str]  # strings that are their own key, fictional ones left out
    fast_any: re.Pattern[str]  # fictional ones included
    others: tuple[tuple[str, re.Pattern[str]], ...]  # regions sharing the code: how theirs look


def _metadata(code: int, region: str) -> PhoneMetadata:
    found = (
        PhoneMetadata.metadata_for_nongeo_region(code)
        if region == "001"
        else PhoneMetadata.metadata_for_region(region)
    )
    assert found is not None and found.general_desc is not None
    return found


def _descriptions(meta: PhoneMetadata) -> list[PhoneNumberDesc]:
    kinds = "fixed_line mobile toll_free premium_rate shared_cost personal_number voip pager uan voicemail"
    return [desc for kind in kinds.split() if (desc := getattr(meta, kind)) is not None]


def _plan(code: int, regions: tuple[str, ...]) -> _Plan:
    meta, prefix = _metadata(code, regions[0]), str(code)
    region = "" if regions[0] == "001" else regions[0]
    possible = meta.general_desc.possible_length if meta.general_desc else ()
    lengths = frozenset(n for n in possible if len(prefix) + n <= MAX_E164)
    zero = any((desc.example_number or "").startswith("0") for desc in _descriptions(meta))
    # The fast expression leaves out all that the library might strip or rewrite, and all that
    # _judge() treats apart. (Argentina's prefix rule matches everything: it is always slow.)
    guards = [f"(?!{meta.national_prefix_for_parsing})"] if meta.national_prefix_for_parsing else []
    guards += [] if zero else ["(?!0)"]
    guards += ["(?!1)"] if code == 1 else []
    if region in _SERVICES:
        guards.append(f"(?!(?!(?:{_LANDLINES[region]})$)(?:{_SERVICES[region]})$)")
    digits = "|".join(f"[0-9]{{{n}}}" for n in sorted(lengths) if n > SHORT) or "(?!)"
    fictional = f"(?!(?:{_FICTIONAL[prefix]})$)" if prefix in _FICTIONAL else ""
    others = []
    for other in regions[1:]:
        shared = _metadata(code, other)
        patterns = [d.national_number_pattern or "" for d in _descriptions(shared)[:2]]
        shape = shared.leading_digits or f"(?:{'|'.join(filter(None, patterns))})$"
        others.append((other, re.compile(shape)))
    return _Plan(
        code=prefix,
        region=region,
        lengths=lengths,
        zero=zero,
        fast=re.compile(rf"\+{prefix}{''.join(guards)}{fictional}(?:{digits})"),
        fast_any=re.compile(rf"\+{prefix}{''.join(guards)}(?:{digits})"),
        others=tuple(others),
    )


def _plans() -> dict[str, _Plan]:
    """Plans by the first three digits of an international number: calling codes are prefix-free."""
    plans = {
        str(code): _plan(code, regions)
        for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items()
    }
    codes = ((str(n), plans.get(str(n)[:size])) for n in range(100, 1000) for size in (1, 2, 3))
    return {start: plan for start, plan in codes if plan}


# An identity and whether it is sure: valid or in a table, not merely of a possible length.
type _Reading = tuple[Identity, bool]

_PLANS = _plans()
_BARE = {region: re.compile(pattern) for region, pattern in _SERVICES.items()}
_LANDLINE = {region: re.compile(pattern) for region, pattern in _LANDLINES.items()}
_FICTION = {code: re.compile(pattern) for code, pattern in _FICTIONAL.items()}


def identify(raw: str, *, region: str = "", allow_fictional: bool = False) -> Identity:
    """Bring whatever a phone, a PBX or a person wrote to its canonical key.

    `region` (ISO alpha-2, any case) says how to read national formats; a plus or a key's own
    country overrides it, but an unknown one is an error even then. `allow_fictional` lets
    numbers reserved for fiction through. Raises InvalidNumber and nothing else.
    """
    if type(raw) is str and (not region or (type(region) is str and region in REGIONS)):
        plan = _PLANS.get(raw[1:4])
        if plan and (plan.fast_any if allow_fictional else plan.fast).fullmatch(raw):
            country = _country(plan, raw[len(plan.code) + 1 :]) if plan.others else plan.region
            return Identity(raw, country, "e164")
    return _identify_slowly(raw, region, allow_fictional)


def country_of(key: str) -> str:
    """The country of a canonical key, ISO alpha-2, "" when it has none."""
    plan = _PLANS.get(key[1:4])
    return _country(plan, key[len(plan.code) + 1 :]) if plan and key[0] == "+" else key[:2]


def line_type(key: str) -> str:
    """The kind of line of a canonical key: a name of _LINE_TYPES, short_code, sms_gateway, sender."""
    if key[2:3] == "@":
        return "sender"
    if key[2:3] == ":":
        return "sms_gateway" if key.startswith("CN:106") else "short_code"
    return _LINE_TYPES.get(phonenumbers.number_type(phonenumbers.parse(key)), "unknown")


def display(key: str) -> str:
    """A canonical key for people: +86 138 1234 5678, 95533 (CN), BANKNAME (CN)."""
    if not key.startswith("+"):
        return f"{key[3:]} ({key[:2]})"
    return phonenumbers.format_number(phonenumbers.parse(key), PhoneNumberFormat.INTERNATIONAL)


_LINE_TYPES = {
    PhoneNumberType.MOBILE: "mobile",
    PhoneNumberType.FIXED_LINE: "fixed_line",
    PhoneNumberType.FIXED_LINE_OR_MOBILE: "fixed_or_mobile",
    PhoneNumberType.TOLL_FREE: "toll_free",
    PhoneNumberType.PREMIUM_RATE: "premium_rate",
    PhoneNumberType.SHARED_COST: "shared_cost",
    PhoneNumberType.VOIP: "voip",
    PhoneNumberType.PERSONAL_NUMBER: "personal",
    PhoneNumberType.PAGER: "pager",
    PhoneNumberType.UAN: "uan",
    PhoneNumberType.VOICEMAIL: "voicemail",
}

_KEY = re.compile(r"([A-Za-z]{2}):(.+)|([A-Z]{2})@(.+)")
_ADDRESS = re.compile(r"(sips?|tel|callto|sms|smsto):/{0,2}(.*)", re.IGNORECASE)
_CONTEXT = re.compile(r";phone-context=(\+[^;?@]+)", re.IGNORECASE)
_EXTENSION = re.compile(
    r"([+(0-9][-+0-9 ()./]{2,}?) *(?:;?ext(?:n|ension)?|ex|x|[,;#]|分机号?|转|доб)[=:. ]*[0-9]{1,8}#?",
    re.IGNORECASE,
)
_VANITY = re.compile(r"\+?[0-9][0-9 ().-]{2,}[A-Z][A-Z0-9 ().-]{2,}", re.IGNORECASE | re.ASCII)
_VANITY_LINES = frozenset({"toll_free", "shared_cost", "premium_rate", "uan"})
_SEPARATORS = str.maketrans("", "", " -().[]/·・")
_NUMBER = re.compile(r"(\+*)([0-9]+)")
_SIGNATURE = re.compile(r"【(.+)】|\[(.+)\]")
# India: two letters for operator and circle before the header, a letter for its class behind it
# (TRAI, TCCCPR 2018). The header is who speaks; the rest changes with the route of each message.
_HEADER = re.compile(r"[A-Z]{2}-(?=[0-9]*[A-Z])([A-Z0-9]{3,9})(?:-[GPST])?")


def _identify_slowly(raw: object, region: object, allow_fictional: bool) -> Identity:
    identity = _read(raw, _region(region))
    if identity.kind == "e164" and not allow_fictional:
        plan = _PLANS[identity.key[1:4]]
        fiction = _FICTION.get(plan.code)
        if fiction and fiction.fullmatch(identity.key[len(plan.code) + 1 :]):
            raise InvalidNumber("fictional")
    return identity


def _region(region: object) -> str:
    if not isinstance(region, str):
        raise InvalidNumber("unknown_region")
    known = region.strip().upper()
    if known and known not in REGIONS:
        raise InvalidNumber("unknown_region")
    return known


def _read(raw: object, region: str) -> Identity:
    if not isinstance(raw, str):
        raise InvalidNumber("not_a_number")
    if len(raw) > MAX_INPUT:
        raise InvalidNumber("too_long")
    text, addressed = _clean(raw), False
    key = _KEY.fullmatch(text)
    if key and (key[1] or key[3]).upper() in REGIONS:
        region, text = (key[1] or key[3]).upper(), key[2] or key[4]
    else:
        text, addressed = _user(text)
        key = None
    if text.casefold() in _WITHHELD:
        raise InvalidNumber("withheld")
    if text.casefold() in _NOTHING:
        raise InvalidNumber("empty")
    if key and key[4]:
        return _sender(text, region)
    if extension := _EXTENSION.fullmatch(text):
        text = extension[1]
    if not any(unicodedata.category(c).startswith("L") for c in text):
        return _number(text, region)
    if addressed or key:
        raise InvalidNumber("not_a_number")
    if _VANITY.fullmatch(text):  # 1-800-FLOWERS
        try:
            found = _number(phonenumbers.convert_alpha_characters_in_number(text), region)
            if found.kind == "e164" and line_type(found.key) in _VANITY_LINES:
                return found
        except InvalidNumber:
            pass
    return _sender(text, region)


def _clean(raw: str) -> str:
    """Undo what transports do: percent-encoding, full-width and national digits, odd spaces."""
    text = raw
    for _ in range(8):  # each undoing can uncover another; what is not done then is no number
        before = text
        if "%" in text:
            try:
                text = unquote(text, errors="strict")
            except UnicodeDecodeError:
                raise InvalidNumber("not_a_number") from None
        text = "".join(map(_plain, unicodedata.normalize("NFKC", text)))
        text = " ".join(text.split())
        if text == before:
            return text
    raise InvalidNumber("not_a_number")


def _plain(char: str) -> str:
    if char < "\x7f":
        return char
    category = unicodedata.category(char)
    if category == "Nd":
        return str(unicodedata.decimal(char))
    return {"Cf": "", "Pd": "-", "Zs": " ", "Zl": " ", "Zp": " "}.get(category, char)


def _user(text: str) -> tuple[str, bool]:
    """The user part of a SIP, tel or SMS address, and whether it was one (no sender name then)."""
    if text.endswith(">") and "<" in text:  # "Name" <sip:…>
        text = text[text.rindex("<") + 1 : -1]
    address = _ADDRESS.fullmatch(text)
    if not address and "@" not in text:
        return text, False
    scheme, rest = (address[1].lower(), address[2]) if address else ("sip", text)
    user, at, _ = rest.partition("@")
    user = re.split("[;?]", user)[0].strip()
    if scheme.startswith("sip"):
        user = user.partition(":")[0]
        if not at and "." in user:  # a host alone: 10.0.0.1 is no number
            raise InvalidNumber("not_a_number")
    context = _CONTEXT.search(rest)
    return (context[1] + user if context and user[:1].isdigit() else user), True


def _sender(text: str, region: str) -> Identity:
    signature = _SIGNATURE.fullmatch(text)
    name = (signature[1] or signature[2]) if signature else text
    while (upper := _clean(name.upper())) != name:
        name = upper
    if region == "IN" and (header := _HEADER.fullmatch(name)):
        name = header[1]
    kinds = {unicodedata.category(c)[0] for c in name if c not in " &'!*+-._"}
    if "L" not in kinds or not kinds <= {"L", "M", "N"}:
        raise InvalidNumber("not_a_number")
    if len(name) > MAX_SENDER:
        raise InvalidNumber("too_long")
    if not region:
        raise InvalidNumber("region_required")
    return Identity(f"{region}@{name}", region, "sender")


def _number(text: str, region: str) -> Identity:
    match = _NUMBER.fullmatch(text.translate(_SEPARATORS))
    if not match:
        raise InvalidNumber("not_a_number")
    plus, digits = match.groups()
    if len(digits) > len("00999") + MAX_NATIONAL:
        raise InvalidNumber("too_long")
    if plus and digits.startswith("00"):
        digits = digits[2:]
    if plus and digits.startswith("0"):  # no calling code starts with 0: the plus is a PBX's
        plus = ""
    _refuse_emergency(digits, region)
    found = _with_plus(digits, region) if plus else _without_plus(digits, region)
    if found:
        return found
    if not plus and not region:
        raise InvalidNumber("region_required")
    raise InvalidNumber("too_long" if len(digits) > MAX_NATIONAL else "impossible")


def _with_plus(digits: str, region: str) -> Identity | None:
    found = _international(digits, region)
    # Some gateways put a plus before everything: +95533 from China is 95533.
    return found[0] if found else _service(digits, region) or _short(digits, region)


def _without_plus(digits: str, region: str) -> Identity | None:
    abroad = _international(digits[2:], region) if digits.startswith("00") else None
    if not region:
        if not abroad and len(digits) >= UNAMBIGUOUS:
            abroad = _international(digits, region)
            return abroad[0] if abroad and abroad[1] else None
        return abroad[0] if abroad else None
    code = str(phonenumbers.country_code_for_region(region))
    if digits.startswith(code):
        _refuse_emergency(digits[len(code) :], region)
    if service := _service(digits, region):
        return service
    home = _home(digits, region)
    again = _international(digits, region) if digits.startswith(code) else None
    for found in (home, abroad, again):  # sure ones first
        if found and found[1]:
            return found[0]
    if short := _short(digits, region):
        return short
    if likely := home or abroad:
        return likely[0]
    foreign = _international(digits, region) if len(digits) >= FOREIGN else None
    return foreign[0] if foreign and foreign[1] else None


def _service(digits: str, region: str) -> Identity | None:
    """A national-only number of the region's table, written bare."""
    if region in _BARE and 3 <= len(digits) and _BARE[region].fullmatch(digits):
        return Identity(f"{region}:{digits}", region, "national")
    return None


def _short(digits: str, region: str) -> Identity | None:
    """A short code, written bare. No table lists them all, so any in a known region will do."""
    if region and 3 <= len(digits) <= SHORT and digits[0] != "0":
        return Identity(f"{region}:{digits}", region, "national")
    return None


def _home(digits: str, region: str) -> _Reading | None:
    """How the region itself reads the digits: its trunk and international prefixes, its quirks."""
    try:
        number = phonenumbers.parse(digits, region)
    except phonenumbers.NumberParseException:
        return None
    plan = _PLANS[f"{number.country_code}00"[:3]]
    return _judge(plan, phonenumbers.national_significant_number(number), region)


def _international(digits: str, region: str) -> _Reading | None:
    plan = _PLANS.get(digits[:3])
    if not plan:
        return None
    nsn = digits[len(plan.code) :]
    own = (
        region if region and phonenumbers.country_code_for_region(region) == int(plan.code) else ""
    )
    found = _judge(plan, nsn, own)
    if found or not 3 <= len(nsn) <= SHORT or nsn[0] == "0":
        return found
    # +49 115: nobody abroad can dial it, but gateways write it so.
    where = own or plan.region
    number = PhoneNumber(country_code=int(plan.code), national_number=int(nsn))
    known = bool(where) and shortnumberinfo.is_valid_short_number_for_region(number, where)
    return (Identity(f"{where}:{nsn}", where, "national"), known) if own or known else None


def _judge(plan: _Plan, nsn: str, region: str, depth: int = 0) -> _Reading | None:
    """What a national significant number is: the one place that decides what is accepted."""
    where = region or plan.region
    for part in (nsn, nsn.removeprefix("0")):
        _refuse_emergency(part, where)
        if (service := _service(part, where)) and not _LANDLINE[where].fullmatch(part):
            return service, True
    try:
        number = phonenumbers.parse(f"+{plan.code}{nsn}")
    except phonenumbers.NumberParseException:
        return None
    settled = phonenumbers.national_significant_number(number)
    if settled != nsn:  # the library stripped or rewrote something: judge what is left
        return _judge(plan, settled, region, depth + 1) if depth < 3 else None
    valid = phonenumbers.is_valid_number(number)
    if len(nsn) not in plan.lengths or (plan.code == "1" and nsn[0] in "01"):
        return None
    if not valid and (len(nsn) <= SHORT or (nsn[0] == "0" and not plan.zero)):
        return None
    return Identity(f"+{plan.code}{nsn}", _country(plan, nsn), "e164"), valid


def _refuse_emergency(digits: str, region: str) -> None:
    if digits in _EMERGENCY_EVERYWHERE or (
        region
        and len(digits) <= SHORT
        and (
            digits in _EMERGENCY_TOO.get(region, ())
            or shortnumberinfo.is_emergency_number(digits, region)
        )
    ):
        raise InvalidNumber("emergency")


def _country(plan: _Plan, nsn: str) -> str:
    if plan.code == "1":
        return _nanp_country(nsn[:3])
    for region, shape in plan.others:
        if shape.match(nsn):
            return region
    return plan.region


@lru_cache(maxsize=1000)
def _nanp_country(area: str) -> str:
    """Area codes never cross a border, so any number of the area will do."""
    sample = f"{area}2345678"
    return next((region for region, shape in _PLANS["100"].others if shape.match(sample)), "US")
