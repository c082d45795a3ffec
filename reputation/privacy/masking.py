"""Personal data in what people write is masked before anyone but a moderator reads it."""

import re
import unicodedata

MASK = "▇▇▇"
_JOINERS = "\u200c\u200d"

# Letters of alphabets written with spaces: Chinese text around an address is not part of it.
_WORD = "0-9A-Z_a-zÀ-ɏͰ-ӿ"
# Between the digits of one number: space, brackets, dots, slashes, dashes of any length, and what
# cannot be seen, as messengers paste it.
_BETWEEN = r"[\s().·/\-‐-―\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]{0,3}"
_MESSENGERS = "微信|微訊|飞信|wechat|weixin|[vw]x|[vw]信|qq|telegram|whatsapp"

# Each rule names what it hides. Over-masking costs a reader a word; under-masking costs a person.
_RULES = (
    re.compile(rf"[{_WORD}.+-]+@[{_WORD}-]+(?:\.[{_WORD}-]+)+"),  # e-mail addresses
    # Links carry names and tokens; short ones come without a scheme.
    re.compile(r"(?:https?://|www\.|(?:[a-z0-9-]+\.)+[a-z]{2,}/)[!-~]*", re.IGNORECASE),
    re.compile(rf"(?<![{_WORD}@])@[{_WORD}]{{3,}}"),  # account handles
    re.compile(
        rf"(?:(?<![a-z])(?:{_MESSENGERS}))(?:账?号|id)?\s*[是为::]*\s*[{_WORD}-]{{4,}}",
        re.IGNORECASE,
    ),
    # Numbers of phones, bank cards and identity documents: five digits or more, however spaced.
    re.compile(rf"\+?\d(?:{_BETWEEN}\d){{4,}}[Xx]?"),
    re.compile(r"[零〇一二三四五六七八九幺两壹贰叁肆伍陆柒捌玖]{7,}"),  # the same, spelt out
)


def without_controls(text: str) -> str:
    """`text` without characters that only steer how it is shown (category Cf): they turn sentences
    around, and hide what stands between them. The two joiners stay, which scripts and emoji need.
    """
    return "".join(char for char in text if char in _JOINERS or unicodedata.category(char) != "Cf")


def mask(text: str) -> str:
    """`text` with e-mail addresses, links, handles and long numbers replaced by MASK.

    Full-width digits count as digits. Names of people cannot be told from other words and stay:
    moderators hide those.
    """
    text = without_controls(unicodedata.normalize("NFKC", text))
    for rule in _RULES:
        text = rule.sub(MASK, text)
    return text
