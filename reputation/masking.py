"""Personal data in what people write is masked before anyone but a moderator reads it."""

import re
import unicodedata

MASK = "▇▇▇"

# Each rule names what it hides. Over-masking costs a reader a word; under-masking costs a person.
_RULES = (
    re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),  # e-mail addresses
    re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE),  # links, which carry names and tokens
    re.compile(r"(?<![\w@])@\w{3,}"),  # account handles
    re.compile(r"(?:微信|QQ|WeChat|Telegram|WhatsApp)\s*[::]?\s*[\w-]{4,}", re.IGNORECASE),
    # Numbers of phones, bank cards and identity documents: five digits or more, however spaced.
    re.compile(r"\+?\d(?:[\s().\-/]{0,2}\d){4,}[XxＸ]?"),
)


def mask(text: str) -> str:
    """`text` with e-mail addresses, links, handles and long numbers replaced by MASK.

    Full-width digits count as digits. Names of people cannot be told from other words and stay:
    moderators hide those.
    """
    text = unicodedata.normalize("NFKC", text)
    for rule in _RULES:
        text = rule.sub(MASK, text)
    return text
