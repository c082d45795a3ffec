"""manage.py intake_mail < message.eml: processes one e-mail that a mail server pipes in."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from reputation.intake import AnswerNotSent, answer, comes_again, emails, receive

# Exit codes of sysexits.h: the mail server delivers the message again later; or never again.
TRY_AGAIN, REFUSED = 75, 65


class Command(BaseCommand):
    help = "Read an e-mail from standard input, process it and answer its sender."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--envelope-sender",
            help="The SMTP sender, empty for bounces: `intake_mail --envelope-sender=${SENDER}`.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        raw = sys.stdin.buffer.read(settings.INTAKE_MAX_BYTES + 1)
        if len(raw) > settings.INTAKE_MAX_BYTES:
            raise CommandError(
                f"The message has more than {settings.INTAKE_MAX_BYTES} bytes.", returncode=REFUSED
            )
        incoming = emails.incoming(raw, envelope_sender=options["envelope_sender"])
        now = timezone.now()
        try:
            receipt = receive(incoming, now=now)
            answer(receipt, incoming, now=now)
        except Exception as error:
            if not isinstance(error, AnswerNotSent) and not comes_again(error):
                raise
            # The reason belongs in the operator's log, not in a bounce.
            raise CommandError(
                "The service cannot take the message now: deliver it again later.",
                returncode=TRY_AGAIN,
            ) from None
        status = receipt.message.status if receipt.message else "counted"
        self.stdout.write(f"{status}{' again' if receipt.repeated else ''}")
