"""Client addresses, sealed downloads, chart scales, safe CSV. Imports no other package of ours."""

from edge.charts import Share, ceiling, shares
from edge.downloads import sealed
from edge.origin import client_address, household
from edge.spreadsheets import as_csv, guarded, unguarded

__all__ = [
    "Share",
    "as_csv",
    "ceiling",
    "client_address",
    "guarded",
    "household",
    "sealed",
    "shares",
    "unguarded",
]
