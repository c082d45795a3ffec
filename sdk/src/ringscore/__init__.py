"""Ask Ringscore who is calling: online, privately, or from a local mirror.

from ringscore import Client

client = Client("http://127.0.0.1:8000")
print(client.lookup("+12025550123").action)
"""

from ._async_client import AsyncClient
from ._client import Client
from ._exceptions import (
    BadAnswer,
    ChecksumMismatch,
    Conflict,
    CursorExpired,
    DeadlineExceeded,
    FeedError,
    InvalidNumber,
    KeyRejected,
    MirrorEmpty,
    NotFound,
    Problem,
    ProblemField,
    RateLimited,
    Refused,
    RequestInvalid,
    RingscoreError,
    ServerFailed,
    SnapshotCorrupt,
    StorageFailed,
    Unavailable,
    Unreachable,
    WrongCode,
)
from ._mirror import Mirror, MirrorStatus, SyncResult
from ._models import (
    Action,
    Answer,
    Category,
    ChangesPage,
    Dispute,
    DisputeReceipt,
    Evidence,
    FeedInfo,
    Grounds,
    OwnList,
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
from ._rules import Contacts, QuietHours, RepeatedCalls
from ._screener import Decision, Mode, OnFailure, Screener, Source

__all__ = [
    "Action",
    "Answer",
    "AsyncClient",
    "BadAnswer",
    "Category",
    "ChangesPage",
    "ChecksumMismatch",
    "Client",
    "Conflict",
    "Contacts",
    "CursorExpired",
    "DeadlineExceeded",
    "Decision",
    "Dispute",
    "DisputeReceipt",
    "Evidence",
    "FeedError",
    "FeedInfo",
    "Grounds",
    "InvalidNumber",
    "KeyRejected",
    "Mirror",
    "MirrorEmpty",
    "MirrorStatus",
    "Mode",
    "NotFound",
    "OnFailure",
    "Outbox",
    "OwnList",
    "OwnReport",
    "PrivateAnswer",
    "Problem",
    "ProblemField",
    "PublicReport",
    "PublicReports",
    "QuietHours",
    "RateLimited",
    "Receipt",
    "Refused",
    "RepeatedCalls",
    "RequestInvalid",
    "RingscoreError",
    "Screener",
    "Sent",
    "ServerFailed",
    "SnapshotCorrupt",
    "Source",
    "Statement",
    "StorageFailed",
    "SyncResult",
    "Unavailable",
    "Unreachable",
    "Unreadable",
    "Waiting",
    "WrongCode",
    "canonical",
]
__version__ = "0.1.0"
