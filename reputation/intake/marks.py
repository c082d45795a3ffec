"""The marks of our questions by e-mail: in the subject and the Message-ID, and in the answer."""

import base64
import re
import secrets
from typing import Final

from reputation.privacy import pseudonym

MARK: Final = re.compile(r"\bRS-([A-Z2-7]{16})\b")


def new_token() -> str:
    """The token of a new mark, at random: 80 bits."""
    return base64.b32encode(secrets.token_bytes(10)).decode()


def mark_of(token: str) -> str:
    return f"RS-{token}"


def digest_of(token: str) -> str:
    """The form in which a token is stored."""
    return pseudonym("token", token)
