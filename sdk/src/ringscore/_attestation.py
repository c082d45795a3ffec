"""What a network says about a caller's number: in our words, SIP's, and Asterisk's.

The service reads the same words (tests/sdk/test_private.py).
"""

from __future__ import annotations

from typing import Final

VERSTAT: Final = {
    "TN-Validation-Passed": "A",
    "TN-Validation-Passed-A": "A",
    "TN-Validation-Passed-B": "B",
    "TN-Validation-Passed-C": "C",
    "TN-Validation-Failed": "failed",
    "TN-Validation-Failed-A": "failed",
    "TN-Validation-Failed-B": "failed",
    "TN-Validation-Failed-C": "failed",
    "No-TN-Validation": "none",
}
# The results of Asterisk's STIR_SHAKEN(…,verify_result) and others.
FAILED: Final = ("mismatch", "signature_failed", "signature failed", "verification mismatch")
WORDS: Final = {
    **{word.casefold(): word for word in ("", "A", "B", "C", "none", "failed")},
    **{verstat.casefold(): attestation for verstat, attestation in VERSTAT.items()},
    **dict.fromkeys(FAILED, "failed"),
}


def read(value: str) -> str:
    """The attestation: A, B, C, failed, none, or "" where nobody looked.

    Case and blanks around it do not matter, nor does what Twilio appends of forwarded calls. Any
    other text is "none": it vouches for nothing.
    """
    word = value.strip().casefold()
    return WORDS.get(word.removesuffix("-diverted").removesuffix("-passthrough"), "none")
