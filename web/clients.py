"""The clients on the page *Connect a phone*, in its order, with the steps for each."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    type Words = _StrPromise | str
else:
    type Words = str


@dataclass(frozen=True, slots=True)
class Step:
    """A step. `part`: what to enter or run (web.connecting). `file`: the part's name as a file.
    `scanned`: also shown as a QR code. `feed`: the format of the list to download."""

    text: Words
    part: str = ""
    file: str = ""
    scanned: bool = False
    feed: str = ""


@dataclass(frozen=True, slots=True)
class Client:
    """A client. `scopes`: of its key. `needs_country`: whether it sends numbers without a country
    code."""

    slug: str
    title: Words
    summary: Words
    scopes: tuple[str, ...]
    steps: tuple[Step, ...]
    needs_country: bool = True


GROUPS: tuple[tuple[Words, tuple[Client, ...]], ...] = (
    (
        _("Mobile phones"),
        (
            Client(
                "spamblocker",
                "SpamBlocker (Android)",
                _("Asks while the phone rings, reports for you, and keeps a list for bad signal."),
                ("compat",),
                (
                    Step(
                        _("In the app: Instant query → New → Import. Paste this, or scan it:"),
                        *("spamblocker-query", "ringscore-query.json", True),
                    ),
                    Step(
                        _("Report number → New → Import:"),
                        *("spamblocker-report", "ringscore-report.json", True),
                    ),
                    Step(
                        _("For the list while offline: Workflow → New → Import:"),
                        *("spamblocker-list", "ringscore-list.json", True),
                    ),
                    Step(_("Switch on what you imported.")),
                ),
            ),
            Client(
                "iphone",
                "iPhone",
                _("Keeps the blocked numbers as contacts, by itself (CardDAV)."),
                ("compat",),
                (
                    Step(
                        _("Save this profile and open it on the iPhone, or open this page there:"),
                        *("iphone", "ringscore.mobileconfig"),
                    ),
                    Step(_("Install it: Settings → Profile downloaded.")),
                    Step(_("In Contacts, block the contacts of Ringscore.")),
                ),
                needs_country=False,
            ),
            Client(
                "davx",
                _("Android with DAVx⁵, Thunderbird"),
                _("Keeps the blocked numbers as contacts, by itself (CardDAV)."),
                ("compat",),
                (
                    Step(
                        _("Log in with address and user name. The QR code is the password:"),
                        *("davx", "", True),
                    ),
                    Step(_("Choose the address book Ringscore, and block its contacts.")),
                ),
                needs_country=False,
            ),
            Client(
                "blocklist",
                _("Android's own block list (Fossify, Right Dialer)"),
                _("One file with all blocked numbers, to import now and then."),
                ("feed",),
                (
                    Step(_("Download the list, or let a program fetch it:"), "comma", feed="comma"),
                    Step(_("In the app: Settings → Manage blocked numbers → Import.")),
                ),
                needs_country=False,
            ),
        ),
    ),
    (
        _("At home"),
        (
            Client(
                "fritzbox",
                "Fritz!Box",
                _("Blocks the numbers in a phone book, fetched once a day (CardDAV)."),
                ("compat",),
                (
                    Step(
                        _("Telephony → Phone book → New phone book → CardDAV provider:"), "fritzbox"
                    ),
                    Step(_("Telephony → Call handling → Call blocks: block this phone book.")),
                    Step(
                        _("A box that cannot do this takes a file: Phone book → Restore."),
                        feed="fritzbox",
                    ),
                ),
                needs_country=False,
            ),
            Client(
                "dongle",
                _("PhoneBlock's dongle at a Fritz!Box"),
                _("Picks up blocked calls before the telephone rings."),
                ("compat",),
                (
                    Step(
                        _("Send it this service's address, with its own address at the end:"),
                        "dongle",
                    ),
                    Step(_("Later it can get a new key by itself: press “sign in” on its page.")),
                ),
            ),
            Client(
                "callattendant",
                "callattendant (Raspberry Pi)",
                _("Blocks on an analogue line, with a modem."),
                ("feed",),
                (
                    Step(
                        _("To ask for each call, without telling us the number:"), "callattendant"
                    ),
                    Step(
                        _("Or fetch the list every night:"),
                        *("callattendant-list", "ringscore"),
                    ),
                ),
            ),
        ),
    ),
    (
        _("Telephone systems"),
        (
            Client(
                "kamailio",
                "Kamailio",
                _("Asks about each call, and rejects with the address where one may object."),
                ("lookup",),
                (
                    Step(_("Put this into kamailio.cfg:"), "kamailio", "kamailio.cfg"),
                    Step(_("Set NEXT_HOP to where your calls go on, and restart Kamailio.")),
                ),
            ),
            Client(
                "asterisk",
                "Asterisk",
                _("Asks about each call from the dialplan."),
                ("lookup",),
                (
                    Step(_("Put this into extensions.conf:"), "asterisk", "ringscore.conf"),
                    Step(_("Call it where outside calls arrive: Gosub(ringscore,s,1).")),
                ),
            ),
            Client(
                "asterisk-offline",
                _("Asterisk, offline (FastAGI)"),
                _("Keeps the list on the PBX: nobody is told who calls you."),
                ("feed",),
                (
                    Step(_("Start this beside Asterisk:"), "asterisk-serve"),
                    Step(_("Put this into extensions.conf:"), "asterisk-agi", "ringscore.conf"),
                ),
            ),
            Client(
                "freeswitch",
                "FreeSWITCH",
                _("Asks about each call with mod_curl."),
                ("lookup",),
                (Step(_("Put this first into the dialplan:"), "freeswitch", "ringscore.xml"),),
            ),
            Client(
                "freepbx",
                "FreePBX",
                _("Shows “SPAM” as the caller's name."),
                ("compat",),
                (
                    Step(_("Admin → CallerID Lookup Sources → Add:"), "freepbx"),
                    Step(_("Choose it in each inbound route. Callers not listed lose their name.")),
                ),
            ),
        ),
    ),
    (
        _("Lists"),
        (
            Client(
                "contacts",
                _("Contacts to block (vCard)"),
                _("A file of contacts. Import it, then block them."),
                ("feed",),
                (
                    Step(_("Download the list, or let a program fetch it:"), "vcard", feed="vcard"),
                    Step(_("Import it into the contacts, and block them there.")),
                ),
                needs_country=False,
            ),
            Client(
                "vdirsyncer",
                "vdirsyncer",
                _("Keeps the blocked numbers as contacts, by itself (CardDAV)."),
                ("compat",),
                (
                    Step(_("Put this into ~/.config/vdirsyncer/config:"), "vdirsyncer", "config"),
                    Step(_("Run “vdirsyncer discover” once, and “vdirsyncer sync” now and then.")),
                ),
                needs_country=False,
            ),
            Client(
                "list",
                _("A plain list"),
                _("One number a line, for any program."),
                ("feed",),
                (Step(_("Download the list, or let a program fetch it:"), "plain", feed="plain"),),
                needs_country=False,
            ),
        ),
    ),
)
CLIENTS = {client.slug: client for _group, clients in GROUPS for client in clients}
