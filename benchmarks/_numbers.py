"""Which numbers are in the benchmarks' database."""

NUMBERS = 1_000_000
TEMPLATES = 4_096

# Where the numbers lie: what all keys of a kind start with, and how many digits follow.
BLOCKS = (("+86138", 8), ("+86170", 8), ("+1415", 7), ("+44780", 7), ("+4915", 9), ("+9198", 8))
# Coprime to ten: multiples of it walk through all suffixes and meet none twice.
STRIDE = 7_368_787


def key_of(index: int) -> str:
    """The key of number `index`, 0 to NUMBERS - 1. Others of the block are not in the table."""
    prefix, digits = BLOCKS[index % TEMPLATES % len(BLOCKS)]
    return f"{prefix}{index * STRIDE % 10**digits:0{digits}}"
