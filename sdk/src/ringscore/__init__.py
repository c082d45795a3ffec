"""Ask Ringscore who is calling: online, privately, or from a local mirror.

from ringscore import Client

client = Client("http://127.0.0.1:8000")
print(client.lookup("+12025550123").action)
"""

from ._async_client import AsyncClient
from ._client import Client
from ._exceptions import *  # noqa: F403
from ._exceptions import __all__ as _exceptions
from ._mirror import Mirror, MirrorStatus, SyncResult
from ._models import (
    Action,
    Answer,
    Category,
    ChangesPage,
    FeedInfo,
    OwnReport,
    PrivateAnswer,
    PublicReport,
    PublicReports,
    Receipt,
    Unreadable,
)
from ._numbers import canonical
from ._outbox import Outbox, Sent, Waiting
from ._requests import Statement
from ._screener import (
    Contacts,
    Decision,
    Mode,
    OnFailure,
    QuietHours,
    RepeatedCalls,
    Screener,
    Source,
)

__all__ = [
    "Action",
    "Answer",
    "AsyncClient",
    "Category",
    "Client",
    "Contacts",
    "Decision",
    "ChangesPage",
    "FeedInfo",
    "Mirror",
    "MirrorStatus",
    "Mode",
    "OnFailure",
    "Outbox",
    "OwnReport",
    "PrivateAnswer",
    "PublicReport",
    "PublicReports",
    "QuietHours",
    "Receipt",
    "RepeatedCalls",
    "Screener",
    "Sent",
    "Source",
    "Statement",
    "SyncResult",
    "Unreadable",
    "Waiting",
    "canonical",
    *_exceptions,
]
__version__ = "0.1.0"
