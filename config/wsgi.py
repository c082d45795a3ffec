"""The WSGI application, which config.server serves."""

import gc
import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

from config.metrics import share

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

if settings.WEB_WORKERS > 1:
    share(settings.DATA_DIR)  # before any metric exists

django = get_wsgi_application()

from api.browsers import open_to_browsers  # noqa: E402 -- only after Django has set itself up
from api.remembered import noting_who_writes  # noqa: E402
from api.wsgi import lookups_first  # noqa: E402
from config import start, telemetry  # noqa: E402
from edge import InUtf8, request_ids  # noqa: E402
from reputation.counting import calibrating  # noqa: E402
from reputation.lookup import traffic  # noqa: E402

try:
    start.check()
except ImproperlyConfigured as error:
    # The error names what is wrong and the remedy, which the server's traceback would hide.
    sys.exit(f"{type(error).__name__}: {error}")
django.request_class = InUtf8
traffic.start()
calibrating.start()
application = noting_who_writes(open_to_browsers(lookups_first(django)))
if watched := telemetry.started():
    application = watched.traced(application)
application = request_ids.identified(application)

# Everything loaded so far stays: scanning it for garbage repeatedly would be a quarter of the cost
# of a bulk lookup of a thousand numbers (benchmarks/lookup.py bulk).
gc.collect()
gc.freeze()
gc.set_threshold(50_000)
