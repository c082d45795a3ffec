import re
import shutil
import subprocess

import pytest


@pytest.fixture(scope="session")
def node() -> str:
    """Node 20 or newer."""
    found = shutil.which("node") or shutil.which("nodejs")
    if found is None:
        pytest.fail("no node: apt-get install nodejs")
    version = subprocess.check_output([found, "--version"], text=True)
    major = re.match(r"v(\d+)", version)
    if major is None or int(major[1]) < 20:
        pytest.fail(f"node is {version.strip()}: 20 or newer is wanted")
    return found
