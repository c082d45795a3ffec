"""Personal data: sealed, replaced by pseudonyms, masked, and forgotten in time."""

from reputation.privacy import retention
from reputation.privacy.contacts import is_reachable
from reputation.privacy.cursors import cursor, read_cursor
from reputation.privacy.mailboxes import (
    PUBLIC_MAIL,
    ascii_domain,
    canonical_address,
    mail_crowd,
    organisation,
)
from reputation.privacy.masking import mask, without_controls
from reputation.privacy.moments import FEW, day_shown
from reputation.privacy.pseudonyms import hashed_again, network_of, pseudonym
from reputation.privacy.retention import TABLE as RETENTION
from reputation.privacy.sealing import SECOND_FACTOR, SealBroken, is_current, key_id, seal, unseal
