"""Checks of the service's health: one list for /readyz, the panel and `doctor`."""

from reputation.health.checks import job_runs, migrations
from reputation.health.findings import WELL, Check, Finding, Level
from reputation.health.looking import look, register
from reputation.health.outside import seen
