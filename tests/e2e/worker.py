"""`manage.py worker` on the test run's own database. The file CLOCK_FILE says by how many seconds
its clock is ahead."""

import os
import time
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command

if __name__ == "__main__":
    if clock := os.environ.get("CLOCK_FILE"):
        right = time.time
        time.time = lambda: right() + float(Path(clock).read_text())
    settings.DATABASES["default"]["NAME"] = os.environ["TEST_DATABASE"]
    django.setup()
    call_command("worker")
