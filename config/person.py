"""Options of `manage.py erase` and `export` that name a person."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from api.keys import NoPrefix, read_prefix
from reputation.intake import senders
from reputation.models import Reporter
from reputation.privacy import pseudonym
from reputation.reports import mailboxes
from reputation.rights import DataSubject, Name

# Said of a person whom nobody here is, which a mistyped address looks like.
NOBODY = "Nobody reported under these names. Check how they are written."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--email", action="append", default=[], help="an address of theirs")
    parser.add_argument("--phone", action="append", default=[], help="a number of theirs, with +")
    parser.add_argument(
        "--key", action="append", default=[], help="the eight characters of an API key after rsk_"
    )


def asked(options: dict[str, Any]) -> DataSubject:
    """The person whom these options name; without names if they name nobody. Raises
    CommandError."""
    names: list[Name] = []
    phones: list[str] = []
    for address in options["email"]:
        if "@" not in address:
            raise CommandError(f"{address} is no e-mail address.")
        names += mailboxes.names_of_mailbox(address)
    for number in options["phone"]:
        phone = senders.phone_of(number, region="", allow_fictional=settings.FICTIONAL_NUMBERS)
        if phone is None:
            raise CommandError(f"{number} is no number of a telephone. Write it as +447700900123.")
        phones.append(phone.key)
        names.append((Reporter.Kind.SMS.value, pseudonym("sms", phone.key)))
    for key in options["key"]:
        try:
            prefix = read_prefix(key)
        except NoPrefix as error:
            raise CommandError(str(error)) from None
        if not Reporter.objects.filter(kind=Reporter.Kind.KEY, handle=prefix).exists():
            raise CommandError(f"There is no key rsk_{prefix}….")
        names.append((Reporter.Kind.KEY.value, prefix))
    return DataSubject(names, contacts=[*options["email"], *phones], phones=phones)
