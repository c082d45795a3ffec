"""Ids of campaigns, which stay the same when statements are grouped anew."""

from collections import defaultdict
from collections.abc import Hashable, Mapping
from hashlib import blake2b


def campaign_id(earliest: str) -> str:
    """The id of the campaign whose earliest member has this id: 16 hexadecimal digits."""
    return blake2b(earliest.encode(errors="surrogatepass"), digest_size=8).hexdigest()


def keep_ids(
    before: Mapping[Hashable, str | None], after: Mapping[Hashable, str | None]
) -> dict[Hashable, str | None]:
    """`after`, in which each group has the id of `before` that most of its members had.

    Both are results of `group`, over statements that may differ. Each id of `before` goes to one
    group at most, the one with most of its members; ties go to the lower id.
    """
    common: dict[tuple[str, str], int] = defaultdict(int)
    for identifier, new in after.items():
        old = before.get(identifier)
        if old is not None and new is not None:
            common[old, new] += 1
    names: dict[str, str] = {}
    taken: set[str] = set()
    for old, new in sorted(common, key=lambda pair: (-common[pair], pair)):
        if new not in names and old not in taken:
            names[new] = old
            taken.add(old)
    for new in sorted({new for new in after.values() if new is not None} - names.keys()):
        name = new
        while name in taken:  # another group kept it
            name = campaign_id(name)
        names[new] = name
        taken.add(name)
    return {key: None if new is None else names[new] for key, new in after.items()}
