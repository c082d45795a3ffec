"""What the API and the pages both need of HTTP and pictures. Imports no other package of ours."""

from edge.charts import Share, ceiling, shares
from edge.downloads import sealed
from edge.origin import client_address, household

__all__ = [
    "Share",
    "ceiling",
    "client_address",
    "household",
    "sealed",
    "shares",
]
