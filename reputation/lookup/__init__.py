"""Lookups of one number, of many, of ranges and private buckets; advice; counts of lookups; caches
in the memory of a process.

single, many             one number; a thousand at once
ranges, buckets          numbers that begin alike; numbers whose hashes do
own                      a person's own list applied to an answer
advice, reasons, kinds   advice; reasons and names in the reader's language
traffic                  how often numbers are looked up
awaited                  rows for the event loop
recent, known, places    what a process remembers: values, numbers, places of rows
wrote                    who wrote lately, and must see it
labels, moments          packed labels and moments of rows
"""

from reputation.lookup import advice, buckets, ranges, traffic, wrote
from reputation.lookup.advice import advise, for_situation, next_steps
from reputation.lookup.awaited import Awaited, NotFoundOut
from reputation.lookup.kinds import CHANNELS, LINES
from reputation.lookup.known import Known
from reputation.lookup.labels import LABELS
from reputation.lookup.many import (
    Stored,
    find_many,
    look_up_many,
    of_nobody,
    read_many_keys,
    written_day,
)
from reputation.lookup.own import with_own
from reputation.lookup.places import RowPlaces
from reputation.lookup.reasons import in_words
from reputation.lookup.recent import MISSING, Missing, Recent
from reputation.lookup.single import (
    COLUMNS,
    ONE,
    TTL,
    Answer,
    answer,
    attestation_of,
    look_up,
)
