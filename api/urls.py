"""Paths of the HTTP contract. api.middleware has already removed surplus slashes."""

from django.urls import include, path
from drf_spectacular.views import SpectacularSwaggerSplitView

import api.paths  # noqa: F401 - registers <number:…>, <id:…> and <digest:…>
from api.views.authorities import AuthoritiesView
from api.views.buckets import BucketsView, BucketView
from api.views.campaigns import CampaignView
from api.views.complaints import ComplaintsView, ComplaintView, PackView
from api.views.dispute_files import DisputeFilesView, DisputeFileView
from api.views.disputes import AppealView, DisputesView, DisputeView, VerifyView
from api.views.evidence import EvidenceFileView, EvidenceView
from api.views.feeds import ChangesView, FeedsView, SnapshotView
from api.views.intake import EmailView, SmsView
from api.views.metrics import metrics
from api.views.moderation import DecisionsView, PreviewsView, SubjectView, UndoView
from api.views.notes import NotesView
from api.views.numbers import BulkLookupView, NumberReportsView, NumberView
from api.views.own_keys import OwnKeysView, OwnKeyView
from api.views.own_list import OwnListView, OwnRuleView
from api.views.proposals import (
    ApprovalView,
    DeclineView,
    ProposalsView,
    ProposalView,
    WithdrawView,
)
from api.views.queue import AssignView, ClaimView, EscalateView, LeaveView, QueueView
from api.views.ranges import RangeView
from api.views.reports import BulkReportsView, ReportsView, ReportView
from api.views.reviews import ReviewView
from api.views.schema import SchemaView
from api.views.service import CategoriesView, MeView, healthz, readyz

urlpatterns = [
    path("v1/numbers/lookup", BulkLookupView.as_view()),
    path("v1/numbers/<number:number>", NumberView.as_view()),
    # A PBX also asks about calls without a caller ID, and reads the error in its own format.
    path("v1/numbers", NumberView.as_view(schema=None), {"number": ""}),
    path("v1/numbers/<number:number>/reports", NumberReportsView.as_view()),
    path("v1/numbers/<number:number>/disputes", DisputesView.as_view()),
    path("v1/disputes/<id:public_id>", DisputeView.as_view()),
    path("v1/disputes/<id:public_id>/verify", VerifyView.as_view()),
    path("v1/disputes/<id:public_id>/appeal", AppealView.as_view()),
    path("v1/disputes/<id:public_id>/evidence", DisputeFilesView.as_view()),
    path("v1/disputes/<id:public_id>/evidence/<digest:sha256>", DisputeFileView.as_view()),
    path("v1/campaigns/<slug:key>", CampaignView.as_view()),
    path("v1/buckets", BucketsView.as_view()),
    path("v1/buckets/<str:hex>", BucketView.as_view()),
    path("v1/ranges/<number:prefix>", RangeView.as_view()),
    path("v1/reports", ReportsView.as_view()),
    path("v1/reports/bulk", BulkReportsView.as_view()),
    path("v1/reports/<id:public_id>", ReportView.as_view()),
    path("v1/reports/<id:public_id>/evidence", EvidenceView.as_view()),
    path("v1/reports/<id:public_id>/evidence/<digest:sha256>", EvidenceFileView.as_view()),
    path("v1/authorities", AuthoritiesView.as_view()),
    path("v1/complaints", ComplaintsView.as_view()),
    path("v1/complaints/<id:public_id>", ComplaintView.as_view()),
    path("v1/complaints/<id:public_id>/pack", PackView.as_view()),
    path("v1/intake/sms", SmsView.as_view()),
    path("v1/intake/email", EmailView.as_view()),
    path("v1/feeds", FeedsView.as_view()),
    path("v1/feeds/<str:name>/snapshot", SnapshotView.as_view()),
    path("v1/feeds/<str:name>/changes", ChangesView.as_view()),
    path("v1/categories", CategoriesView.as_view()),
    path("v1/me", MeView.as_view()),
    path("v1/me/list", OwnListView.as_view()),
    path("v1/me/list/<number:pattern>", OwnRuleView.as_view()),
    path("v1/me/keys", OwnKeysView.as_view()),
    path("v1/me/keys/<slug:prefix>", OwnKeyView.as_view()),
    path("v1/moderation/queue", QueueView.as_view()),
    path("v1/moderation/queue/<int:item>/claim", ClaimView.as_view()),
    path("v1/moderation/queue/<int:item>/leave", LeaveView.as_view()),
    path("v1/moderation/queue/<int:item>/assign", AssignView.as_view()),
    path("v1/moderation/queue/<int:item>/escalate", EscalateView.as_view()),
    path("v1/moderation/subjects/<str:kind>/<str:name>/notes", NotesView.as_view()),
    path("v1/moderation/proposals", ProposalsView.as_view()),
    path("v1/moderation/proposals/<str:proposal>", ProposalView.as_view()),
    path("v1/moderation/proposals/<str:proposal>/approve", ApprovalView.as_view()),
    path("v1/moderation/proposals/<str:proposal>/decline", DeclineView.as_view()),
    path("v1/moderation/proposals/<str:proposal>/withdraw", WithdrawView.as_view()),
    path("v1/moderation/subjects/<str:kind>/<str:name>", SubjectView.as_view()),
    path("v1/moderation/reviews/<int:review>", ReviewView.as_view()),
    path("v1/moderation/previews", PreviewsView.as_view()),
    path("v1/moderation/decisions", DecisionsView.as_view()),
    path("v1/moderation/decisions/<int:decision>/undo", UndoView.as_view()),
    path("v1/schema", SchemaView.as_view(), name="schema"),
    path(
        "v1/docs",
        SpectacularSwaggerSplitView.as_view(
            url_name="schema",
            template_name="api/docs.html",
            http_method_names=["get", "head"],  # its template cannot show what OPTIONS tells
        ),
    ),
    path("healthz", healthz),
    path("readyz", readyz),
    path("metrics", metrics),
    path("", include("api.dialects.urls")),
]
