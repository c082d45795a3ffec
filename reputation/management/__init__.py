"""Management commands, and what several of them need."""

from reputation.management.bars import add_progress, bar
from reputation.management.deciding import add_moderator, moderator_named
