"""Personal data: sealed, replaced by pseudonyms, masked, and forgotten in time."""

from reputation.privacy import retention
from reputation.privacy.mailboxes import (
    PUBLIC_MAIL,
    ascii_domain,
    canonical_address,
    mail_crowd,
    organisation,
)
from reputation.privacy.masking import mask
from reputation.privacy.pseudonyms import network_of, pseudonym
from reputation.privacy.retention import TABLE as RETENTION
from reputation.privacy.sealing import SealBroken, seal, unseal

__all__ = [
    "PUBLIC_MAIL",
    "RETENTION",
    "SealBroken",
    "ascii_domain",
    "canonical_address",
    "mail_crowd",
    "mask",
    "network_of",
    "organisation",
    "pseudonym",
    "retention",
    "seal",
    "unseal",
]
