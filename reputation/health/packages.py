"""Known vulnerabilities of what is installed, where pip-audit is there to ask for them."""

import json
import shutil
import subprocess
import sysconfig
from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reputation.health.findings import WELL, Check, Finding, Level

PATIENCE: Final = 120  # seconds


def vulnerable(_now: datetime) -> Finding:
    """Which packages here have known vulnerabilities. Without pip-audit nobody knows."""
    program = shutil.which("pip-audit")
    if program is None:
        return _unknown(_("pip-audit is not installed"))
    line = [program, "--format=json", "--progress-spinner=off", "--path"]
    try:
        done = subprocess.run(
            [*line, sysconfig.get_path("purelib")],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        packages = json.loads(done.stdout)["dependencies"]
    except subprocess.TimeoutExpired:
        return _unknown(_("the index did not answer in time"))
    except (OSError, ValueError, KeyError, TypeError):  # it ends so without the index
        return _unknown(_("the index tells nothing of vulnerabilities"))
    found = [
        f"{package['name']} {package['version']} ({', '.join(each['id'] for each in bad)})"
        for package in packages
        if (bad := package.get("vulns"))
    ]
    if not found:
        return WELL
    return Finding(
        Level.ADVICE,
        "vulnerable",
        _("Vulnerabilities are known of %(packages)s.") % {"packages": ", ".join(found)},
        _("Their descriptions say whether they can harm the service."),
        _("Install the release of Ringscore that brings newer ones: docs/guide/upgrading.md"),
    )


def _unknown(reason: str) -> Finding:
    return Finding(
        Level.UNCHECKED,
        "not checked",
        _("Nobody has looked for known vulnerabilities: %(reason)s.") % {"reason": reason},
        _("The installed packages may have some, or none."),
        _("Install pip-audit apart (pipx install pip-audit) where an index can be reached."),
    )


CHECKS: Final = (
    Check("packages", gettext_lazy("Known vulnerabilities"), vulnerable, costly=True, slow=True),
)
