"""Personal data: sealed, replaced by pseudonyms, masked, and forgotten in time."""

from reputation.privacy import retention
from reputation.privacy.masking import mask
from reputation.privacy.pseudonyms import network_of, pseudonym
from reputation.privacy.retention import TABLE as RETENTION
from reputation.privacy.sealing import SealBroken, seal, unseal

__all__ = [
    "RETENTION",
    "SealBroken",
    "mask",
    "network_of",
    "pseudonym",
    "retention",
    "seal",
    "unseal",
]
