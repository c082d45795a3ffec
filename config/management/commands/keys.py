"""The keys of the settings and of the database: docs/guide/keys.md."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from config import known_keys, rehashing
from reputation.models import KeyMark


class Command(BaseCommand):
    help = "Check that the database was written with the keys in the settings, and list them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        action = parser.add_mutually_exclusive_group()
        action.add_argument(
            "--reseal",
            action="store_true",
            help="seal everything anew with the first of SEALING_KEYS, so that the others can be "
            "removed",
        )
        action.add_argument(
            "--rehash",
            action="store_true",
            help="hash all keyed hashes with the key that was added to PSEUDONYM_LATER_KEYS; stop "
            "the service first",
        )
        action.add_argument(
            "--accept",
            action="store_true",
            help="continue with the keys in the settings, since another one is lost for good",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["accept"]:
            known_keys.accept()
        try:
            if options["rehash"]:
                self.stdout.write(f"{rehashing.rehash()} values hashed once more")
            known_keys.check()
        except rehashing.AlreadyDone:
            raise CommandError("The database is written with all of these keys already.") from None
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from None
        if options["reseal"]:
            self.stdout.write(f"{known_keys.reseal()} rows sealed anew")
        for mark in KeyMark.objects.order_by("purpose", "since"):
            self.stdout.write(f"{mark.purpose} {mark.mark} since {mark.since:%Y-%m-%d}")
