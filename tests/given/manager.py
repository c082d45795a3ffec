"""manage.py for a server's database, one command a line: starting it anew takes seconds each time.

Reads [arguments, code] and answers [whether it worked, what it printed], as JSON.
"""

import contextlib
import io
import json
import os
import sys
import traceback

import django
from django.core.management import call_command


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    django.setup()
    answers = sys.stdout
    for line in sys.stdin:
        arguments, code = json.loads(line)
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            try:
                if code:
                    exec(code, {})  # noqa: S102 -- of our own tests
                else:
                    call_command(*arguments, stdout=printed)
                done = True
            except Exception:
                done = False
                traceback.print_exc(file=printed)
        print(json.dumps([done, printed.getvalue()]), file=answers, flush=True)


if __name__ == "__main__":
    main()
