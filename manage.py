#!/usr/bin/env python
"""Ringscore's command line: `python manage.py help` lists what it can do."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    from config.postgres import PostgresError

    try:
        execute_from_command_line(sys.argv)
    except (ImproperlyConfigured, PostgresError) as error:
        # Both name what is wrong and the remedy: a traceback would only hide that.
        sys.exit(f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    main()
