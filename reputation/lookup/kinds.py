"""The names of line types and of channels, for the pages and the panel."""

from typing import Any, Final

from django.utils.translation import gettext_lazy as _

# By reputation.identity.line_type.
LINES: Final[dict[str, Any]] = {
    "mobile": _("mobile number"),
    "fixed_line": _("landline"),
    "fixed_or_mobile": _("landline or mobile"),
    "toll_free": _("toll-free number"),
    "premium_rate": _("premium-rate number"),
    "shared_cost": _("shared-cost number"),
    "voip": _("internet number"),
    "personal": _("personal number"),
    "pager": _("pager"),
    "uan": _("company number"),
    "voicemail": _("voicemail"),
    "short_code": _("service number"),
    "sms_gateway": _("text message gateway"),
    "sender": _("sender name of text messages"),
}

CHANNELS: Final[dict[str, Any]] = {"call": _("a call"), "sms": _("a text message")}
