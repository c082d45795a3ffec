"""What an organisation's key may do, in the words of the pages and the panel."""

from typing import Any, Final

from django.utils.translation import gettext_lazy as _

SCOPE_WORDS: Final[dict[str, Any]] = {
    "lookup": _("Look numbers up, one at a time or many at once"),
    "report": _("Report numbers in the organisation's name"),
    "bulk": _("Report many numbers in one file"),
    "feed": _("Download the whole list, and its changes"),
    "compat": _("Ask as PhoneBlock's apps, FreePBX and the like do"),
}
