"""Personal data: sealed, replaced by pseudonyms, or masked."""

from reputation.privacy.masking import mask
from reputation.privacy.pseudonyms import network_of, pseudonym
from reputation.privacy.sealing import SealBroken, seal, unseal

__all__ = [
    "SealBroken",
    "mask",
    "network_of",
    "pseudonym",
    "seal",
    "unseal",
]
