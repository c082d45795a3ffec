import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

MACHINES = re.compile(r"/+(v1|phoneblock|compat|healthz|readyz|metrics)(/|$)")
SLASHES = re.compile(r"/{2,}")


def surplus_slashes(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Reads //v1//numbers/ as /v1/numbers, since FreePBX doubles slashes and follows no
    redirect."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if MACHINES.match(request.path_info):
            request.path_info = SLASHES.sub("/", request.path_info).rstrip("/") or "/"
        return get_response(request)

    return middleware
