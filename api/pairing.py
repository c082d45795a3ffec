"""Pairing: an app or a device sends its user here, and gets a key of its own.

Like PhoneBlock's `mobile/login` (docs/integrations/phoneblock.md): the request has the app's id, a
state that only the app knows, and where to send the key. A key is sent only to registered
callbacks, and once for a state: a forged or repeated link brings its author no key.
"""

import hashlib
import ipaddress
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.crypto import salted_hmac

from api import keys
from api.models import ApiKey
from reputation.models import Reporter

# In settings.PAIRING_APPS: a device in its user's network, whose address is not known in advance.
LOCAL = "local"
SCOPES = ("compat",)
# How long a page gives its key again: a page that is left open gives none to whoever finds it. An
# app that got the key may use it for the first time days later, so the key itself goes on.
AGAIN = timedelta(hours=1)
STATE = re.compile(r"[!-~]{8,255}")
# No part that some program reads as another host: no user, backslash or fragment.
LOCAL_ADDRESS = re.compile(
    r"http://(?P<host>[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*)(?::[0-9]{1,5})?"
    r"(?:/[A-Za-z0-9/._~-]*)?(?:\?[A-Za-z0-9/._~=&-]*)?"
)
LOCAL_NAMES = (".local", ".fritz.box", ".home.arpa")
LOCAL_NETWORKS = [
    ipaddress.IPv4Network(network)
    for network in (
        *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"),
        *("169.254.0.0/16", "127.0.0.0/8"),
    )
]


class PairingRefused(ValueError):
    """The request of an app cannot be granted. `field` is the parameter that is wrong."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field


class PairedBefore(PairingRefused):
    """A key was already made for this state."""


@dataclass(frozen=True, slots=True)
class Pairing:
    """A checked request of an app."""

    app: str
    callback: str
    state: str

    @property
    def source(self) -> str:
        """Where the key goes, as a source in Content-Security-Policy, which has no IP addresses."""
        parts = urlsplit(self.callback)
        return f"https://{parts.netloc}" if parts.scheme == "https" else f"{parts.scheme}:"

    @property
    def host(self) -> str:
        """The device that gets the key; "" if it is an app on this device."""
        parts = urlsplit(self.callback)
        return parts.netloc if parts.scheme in ("http", "https") else ""

    def answered(self, token: str) -> str:
        """The callback with the key."""
        joint = "&" if "?" in self.callback else "?"
        return f"{self.callback}{joint}{urlencode({'loginToken': token, 'state': self.state})}"


def asked(*, app: str, callback: str, state: str) -> Pairing:
    """The checked request of an app. An empty callback stands for the app's own. Raises
    PairingRefused."""
    registered = settings.PAIRING_APPS.get(app)
    if registered is None:
        raise PairingRefused("appId", "No app of this name is registered here.")
    if STATE.fullmatch(state) is None:
        raise PairingRefused("state", "The app must send a state of 8 to 255 characters.")
    if registered == LOCAL:
        if not _is_local(callback):
            raise PairingRefused("callback", "The key would not go to a device in a home network.")
        return Pairing(app, callback, state)
    if callback not in ("", registered):
        raise PairingRefused("callback", "The key would not go to the app that is registered.")
    return Pairing(app, registered, state)


def grant(
    *, pairing: Pairing, name: str, region: str, reporter: Reporter, form: str, now: datetime
) -> str:
    """The secret of the app's key, in the voice of `reporter`.

    `form`: what only the page has on which the person allows it. Until the key is used, for AGAIN,
    the same page gives the same key: nobody sees whether the app got the first answer. Raises
    PairedBefore, keys.TooManyKeys, keys.UnknownRegion.
    """
    said = f"{reporter.pk}\0{pairing.app}\0{pairing.callback}\0{pairing.state}\0{form}"
    token = keys.token_from(salted_hmac("api.pairing", said, algorithm="sha512").digest())
    made = ApiKey.objects.filter(prefix=keys.read_prefix(token)).first()
    if made is not None:
        if made.revoked_at or made.last_used_at or now - made.created_at >= AGAIN:
            raise PairedBefore("state", "This link was used before.")
        return token
    # By the state alone, so that a repeated link with another callback gets nothing.
    mark = hashlib.sha256(f"{pairing.app}\0{pairing.state}".encode()).hexdigest()
    try:
        with transaction.atomic():
            key, _token = keys.create_key(
                name=name,
                scopes=list(SCOPES),
                region=region,
                reporter=reporter,
                token=token,
                now=now,
            )
            ApiKey.objects.filter(pk=key.pk).update(pairing=mark)
    except IntegrityError as error:
        if "apikey_pairing_unique" not in str(error):
            raise
        raise PairedBefore("state", "This link was used before.") from None
    return token


def _is_local(callback: str) -> bool:
    match = LOCAL_ADDRESS.fullmatch(callback)
    if match is None:
        return False
    host = match["host"].lower()
    try:
        address = ipaddress.IPv4Address(host)
    except ValueError:
        # Browsers read a host whose last label is a number such as 1 or 0x7f as an IP address.
        numeric = re.fullmatch(r"[0-9]+|0x[0-9a-f]*", host.rpartition(".")[2])
        return not numeric and ("." not in host or host.endswith(LOCAL_NAMES))
    return any(address in network for network in LOCAL_NETWORKS)
