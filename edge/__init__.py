"""Client addresses, outages, sealed downloads, chart scales, safe CSV. Imports nothing of ours."""

from edge.charts import Share, ceiling, shares
from edge.downloads import sealed
from edge.origin import client_address, household
from edge.outage import is_outage
from edge.spreadsheets import as_csv, guarded, unguarded

__all__ = [
    "Share",
    "as_csv",
    "ceiling",
    "client_address",
    "guarded",
    "household",
    "is_outage",
    "sealed",
    "shares",
    "unguarded",
]
