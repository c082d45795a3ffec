"""What the application server loads: `granian --interface wsgi config.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

django = get_wsgi_application()

from api.wsgi import lookups_first  # noqa: E402 -- only after Django has set itself up

application = lookups_first(django)
