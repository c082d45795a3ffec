"""Pages for people. Addresses have no slash at the end, as in links of answers (`redress_url`)."""

from django.urls import path, re_path
from django.views.generic import RedirectView

from web.views import (
    about,
    account,
    calls,
    campaigns,
    complaints,
    disputes,
    keys,
    lookup,
    mine,
    pairing,
    reports,
    stop,
)

CODE = RedirectView.as_view(pattern_name="account_request_login_code", query_string=True)

urlpatterns = [
    path("", lookup.home, name="home"),
    path("lookup", lookup.lookup, name="lookup"),
    path("numbers/<path:number>/dispute", disputes.dispute, name="number-dispute"),
    path("numbers/<path:number>/reports", lookup.words, name="number-words"),
    path("numbers/<path:number>", lookup.number, name="number"),
    path("campaigns/<slug:key>", campaigns.campaign, name="campaign"),
    path("report", reports.report, name="report"),
    path("my/reports", mine.my_reports, name="my-reports"),
    path("my/reports/<uuid:public_id>", mine.my_report, name="my-report"),
    path("my/reports/<uuid:public_id>/edit", mine.edit, name="my-report-edit"),
    path("my/reports/<uuid:public_id>/withdraw", mine.withdraw, name="my-report-withdraw"),
    path("my/reports/<uuid:public_id>/restore", mine.restore, name="my-report-restore"),
    path("my/reports/<uuid:public_id>/settle", mine.settle, name="my-report-settle"),
    path("my/reports/<uuid:public_id>/files", mine.add_files, name="my-files"),
    path("my/reports/<uuid:public_id>/files/<str:sha256>", mine.file, name="my-file"),
    path("my/reports/<uuid:public_id>/calls", calls.add, name="my-calls"),
    path("my/reports/<uuid:public_id>/calls/<int:call>", calls.change, name="my-call"),
    path("my/reports/<uuid:public_id>/earlier/<int:revision>", calls.disown, name="my-earlier"),
    path("my/block-list", stop.block_list, name="block-list"),
    path("my/calls/import", calls.import_log, name="calls-import"),
    path("my/keys", keys.my_keys, name="my-keys"),
    path("my/keys/<slug:prefix>/revoke", keys.revoke, name="my-key-revoke"),
    path("pair", pairing.pair, name="pair"),
    path("my/account", account.account, name="account"),
    path("my/account/copy", account.copy, name="account-copy"),
    path("my/account/erase", account.erase, name="account-erase"),
    path("my/account/link", account.link, name="account-link"),
    path("my/account/unlink", account.unlink, name="account-unlink"),
    path("complaints", complaints.choose, name="complaints"),
    path("complaints/prepare", complaints.prepare, name="complaint-prepare"),
    path("complaints/<uuid:public_id>", complaints.complaint, name="complaint"),
    path("complaints/<uuid:public_id>/status", complaints.status, name="complaint-status"),
    path("disputes/<uuid:public_id>", disputes.follow, name="dispute"),
    path("disputes/<uuid:public_id>/verify", disputes.verify, name="dispute-verify"),
    path("disputes/<uuid:public_id>/send", disputes.send_again, name="dispute-again"),
    path("disputes/<uuid:public_id>/appeal", disputes.appeal, name="dispute-appeal"),
    path("directory", about.directory, name="directory"),
    path("stop", stop.stop, name="stop"),
    path("advice", about.advice, name="advice"),
    path("how", about.how, name="how"),
    path("statistics", about.statistics, name="statistics"),
    path("privacy", about.privacy, name="privacy"),
    path("language", about.language, name="language"),
    path("robots.txt", about.robots, name="robots"),
    path("app.webmanifest", about.manifest, name="manifest"),
    path("favicon.ico", about.favicon, name="favicon"),
    # There is one way to sign in, and signing up is the same. allauth's pages for passwords and
    # further addresses are closed: if another person added an address to their account, its owner
    # would be signed in there.
    path("accounts/signup/", CODE),
    path("accounts/login/", CODE),
    re_path(r"^accounts/(?:email|confirm-email|password)(?:/.*)?$", about.closed),
]
