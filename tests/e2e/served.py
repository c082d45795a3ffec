"""The production application on the test run's own database, as granian serves it."""

import os

from django.conf import settings

settings.DATABASES["default"]["NAME"] = os.environ["TEST_DATABASE"]

from config.server import application  # noqa: E402

__all__ = ["application"]
