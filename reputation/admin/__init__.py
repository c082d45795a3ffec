"""The panel: find a number and what was said of it, and decide.

Nothing is added, changed or deleted here but through reputation.moderation, which demands a reason
and keeps a record. The pages are registered by reputation.admin.registration.
"""

from reputation.admin.labels import word
from reputation.admin.words import masked_words, verb

__all__ = [
    "masked_words",
    "verb",
    "word",
]
