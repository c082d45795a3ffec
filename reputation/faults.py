"""Problems that are stored, such as a fault of another server or the reason why a batch left a row
out: an English sentence and its particulars. They are translated when they are read, since the
worker that stores them has no language."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext


def in_words(sentence: str, of: Mapping[str, Any]) -> str:
    """The sentence, in English and marked by gettext_noop, in the language of the reader.

    `of`: its particulars, by name. A list of two is a sentence of its own, with its particulars.
    """
    if not sentence:
        return ""
    told = {name: in_words(*each) if isinstance(each, list) else each for name, each in of.items()}
    # Without particulars it may be a whole text, in which a percent sign is one.
    return gettext(sentence) % told if told else gettext(sentence)
