"""Whether web processes on this machine can answer requests: the health check of a container.

    python -m ringscore_server.config.healthy

Ends with 0 or 1. It runs every few seconds, and so imports nothing of the service.
"""

import os
import sys
import urllib.error
import urllib.request
from urllib.parse import urlsplit

PATIENCE = 5  # seconds; /readyz gives up at the same time


def main(address: str = "http://127.0.0.1:8000") -> int:
    # The service answers only requests for its own name.
    host = urlsplit(os.environ.get("PUBLIC_URL", address)).hostname or "127.0.0.1"
    request = urllib.request.Request(f"{address}/readyz", headers={"Host": host})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310 -- as above
            sys.stdout.write(answer.read().decode() + "\n")
    except urllib.error.HTTPError as error:
        sys.stdout.write(error.read(1000).decode() + "\n")
        return 1
    except OSError as error:
        sys.stdout.write(f"{address} does not answer: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
