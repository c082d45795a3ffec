"""The numbers in the benchmarks' database."""

NUMBERS = 1_000_000
TEMPLATES = 4_096

# The ranges of the numbers: the common beginning of keys of a kind, and how many digits follow.
BLOCKS = (("+86138", 8), ("+86170", 8), ("+1415", 7), ("+44780", 7), ("+4915", 9), ("+9198", 8))
# Coprime to ten: its multiples visit every suffix once.
STRIDE = 7_368_787


def key_of(index: int) -> str:
    """The key of number `index`, 0 to NUMBERS - 1. The table has no other numbers of the block."""
    prefix, digits = BLOCKS[index % TEMPLATES % len(BLOCKS)]
    return f"{prefix}{index * STRIDE % 10**digits:0{digits}}"
