"""The server, ids of requests, traces, addresses, limits, outages, downloads, requests and mails to
others, charsets, charts, CSV, whole numbers. Imports none of our other packages."""

from edge import outgoing, request_ids, tracing
from edge.addresses import page_of
from edge.charsets import InUtf8
from edge.charts import Segment, Share, ceiling, shares
from edge.counted import (
    Count,
    Usage,
    forgive,
    has_at_once,
    insist,
    look,
    refill,
    spend,
    spend_at_once,
)
from edge.downloads import sealed
from edge.environ import UNREADABLE, Application, Environ, StartResponse, is_chunked, remote_address
from edge.mails import Sending, count_sent, notice, send_mail
from edge.moments import rfc3339
from edge.origin import client_address, household, is_within, site
from edge.outage import is_full, is_outage
from edge.request_bodies import NotRead
from edge.server import Lane, Server
from edge.spreadsheets import as_csv, guarded, unguarded
from edge.whole_numbers import whole_number
