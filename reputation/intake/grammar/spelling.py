"""Words as the tables spell them: corrects typing errors and short forms of English, removes
pictures.

Corrects only words whose misspellings mean nothing else: "spa" stays a spa, "Fred" no fraud.
"""

import re

_WORD = re.compile(r"[a-z0-9]+", re.ASCII)
# All except those that show mockery, which the purposes need.
_PICTURE = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f\u200d]")
_MOCKERY = "🙄😂🤡🤣"
_ASKED = re.compile(
    r"\by ?/ ?n\b"
    r"|\b(?:yes ?/ ?no|yes or no)\b(?=\W*(?:(?:thanks|thank you|thx|please|pls|x+)\W*)?$"
    r"|\s*[.,;:!?\n。，；！？])",
    re.ASCII,
)
_SHORT = {
    "wat": "what",
    "wut": "what",
    "wot": "what",
    "wats": "what's",
    "wuts": "what's",
    "idk": "i do not know",
    "dunno": "i do not know",
    "ik": "i know",
    "tryna": "trying to",
    "any1": "anyone",
    "some1": "someone",
    "evry": "every",
    "plz": "please",
    "coz": "because",
    "cuz": "because",
    "stp": "stop",
    "ppl": "people",
    "yall": "you all",
}
_OFTEN_MISSPELT = [
    "scam",
    "scams",
    "scammer",
    "scammers",
    "scamming",
    "scammed",
    "spam",
    "spammer",
    "spammers",
    "spamming",
    "fraudster",
    "harassing",
    "harassed",
    "harassment",
    "telemarketer",
    "telemarketing",
    "robocall",
    "robocalls",
    "collector",
    "collectors",
    "suspicious",
    "threatening",
    "threatened",
]


def spelled(view: str) -> str:
    """A view with corrected English; it may be longer or shorter than before."""
    return _WORD.sub(_mended, _ASKED.sub("?", _PICTURE.sub(_shown, view)))


def _shown(picture: re.Match[str]) -> str:
    return picture[0] if picture[0] in _MOCKERY else " "


def _mended(word: re.Match[str]) -> str:
    plain = word[0]
    return _SHORT.get(plain) or (plain if plain in _RIGHT else _RIGHT_OF.get(_bones(plain), plain))


def _bones(word: str) -> str:
    """The consonants of a word, each once, which survive most slips."""
    bones = word[:1] + re.sub("[aeiou]", "", word[1:])
    return re.sub(r"(.)\1+", r"\1", bones)


_RIGHT = frozenset(_OFTEN_MISSPELT)
_RIGHT_OF = {_bones(word): word for word in _OFTEN_MISSPELT}
