"""The panel's keyboard keys. A key has one meaning on every page, and `?` shows them all."""

from typing import Any

from django.utils.translation import gettext_lazy as _

KEYS: dict[str, Any] = {
    "c": _("Confirm: the calls are unwanted, the listing stands, it is granted"),
    "x": _("Clear: the calls are wanted, the holder is right, it is refused"),
    "s": _("Spoofed, or no longer"),
    "w": _("New holder"),
    "e": _("Same holder after all"),
    "o": _("Into the directory, or out of it"),
    "i": _("Never calls anybody, or calls again"),
    "p": _("Pin what clients are told, or set what a key may do"),
    "u": _("Take off: a pin, a link, a key"),
    "d": _("Open a dispute"),
    "y": _("Hold at flag: for a day, or while a dispute is open"),
    "r": _("Reject a report"),
    "h": _("Hide the words, or show them again"),
    "m": _("Merge two reports"),
    "v": _("Read unmasked, on record"),
    "b": _("Block a reporter, or let them speak"),
    "B": _("Block a whole cluster"),
    "l": _("Leave as it is"),
    "t": _("Take it"),
    "g": _("Give it back"),
    "n": _("The next item"),
    "q": _("To the queue"),
    "a": _("All about what is decided"),
    "f": _("Work the queue out anew"),
    "z": _("Take the last decision back"),
    "j": _("Down"),
    "k": _("Up"),
    "/": _("Search"),
    "1–9": _("Decide, with this reason"),
    "Enter": _("Open; or decide"),
    "Escape": _("Cancel"),
    "?": _("Show the keys"),
}
