import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

_FOR_MACHINES = re.compile(
    r"/+(v1|phoneblock|compat|\.well-known/+carddav|healthz|readyz|metrics)(/|$)"
)
SLASHES = re.compile(r"/{2,}")


def is_for_machines(path: str) -> bool:
    """Whether the path is of the API or another address for programs; people's pages have the
    others."""
    return _FOR_MACHINES.match(path) is not None


def surplus_slashes(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Reads //v1//numbers/ as /v1/numbers, since FreePBX doubles slashes and follows no
    redirect."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if is_for_machines(request.path_info):
            request.path_info = SLASHES.sub("/", request.path_info).rstrip("/") or "/"
        return get_response(request)

    return middleware
