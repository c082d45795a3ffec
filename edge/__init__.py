"""The server, ids of requests, traces, addresses, limits, outages, downloads, requests to others,
charts, CSV. Imports nothing of ours."""

from edge import outgoing, request_ids, tracing
from edge.charts import Share, ceiling, shares
from edge.counted import Usage, forgive, look, spend
from edge.downloads import sealed
from edge.origin import client_address, household, site
from edge.outage import is_outage
from edge.server import Lane, Server
from edge.spreadsheets import as_csv, guarded, unguarded
from edge.waiting import AT_ONCE, NotRead, wait

__all__ = [
    "AT_ONCE",
    "Lane",
    "NotRead",
    "Server",
    "Share",
    "Usage",
    "as_csv",
    "ceiling",
    "client_address",
    "forgive",
    "guarded",
    "household",
    "is_outage",
    "look",
    "outgoing",
    "request_ids",
    "sealed",
    "shares",
    "site",
    "spend",
    "tracing",
    "unguarded",
    "wait",
]
