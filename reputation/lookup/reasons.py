"""The reasons of a score in the reader's language, for the web pages and the panel."""

from django.utils import translation

from reputation.scoring import Reason, in_language


def in_words(reason: Reason) -> str:
    """The reason's sentence in Django's active language. The API uses `in_english`."""
    return in_language(reason, translation)
