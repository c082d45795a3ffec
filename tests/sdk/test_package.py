"""What is installed: the wheel alone in an empty environment, and the README as typed there."""

import re
import subprocess
import zipfile
from pathlib import Path

import pytest

from tests.given.sdk_server import ROOT, Server
from tests.given.wheels import build, install

pytestmark = pytest.mark.slow

SDK = ROOT / "sdk"
README = (SDK / "README.md").read_text()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(SDK, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install(wheel, tmp_path_factory.mktemp("env"))


def test_the_wheel_holds_the_package_its_types_and_its_licence(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "ringscore/py.typed" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert {name.split("/")[0].split("-")[0] for name in names} == {"ringscore"}


def test_the_readme_works_as_typed(installed: Path, server: Server, tmp_path: Path) -> None:
    blocks = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert len(blocks) == 4
    first_screen = blocks[0].replace("http://127.0.0.1:8000", server.url)
    done = subprocess.run(
        [installed / "python", "-c", first_screen],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"allow 0 .+\nallow private_lookup\n", done.stdout)
    screening = "\n".join([first_screen, blocks[1], "screener.screen('+12025550123')"])
    subprocess.run([installed / "python", "-c", screening], check=True, cwd=tmp_path)


def test_the_command_is_there(installed: Path) -> None:
    done = subprocess.run(
        [installed / "ringscore", "--help"], capture_output=True, text=True, check=True
    )
    for command in ("lookup", "screen", "report", "sync", "watch", "serve"):
        assert command in done.stdout


def test_national_formats_name_the_extra_where_it_is_not_installed(installed: Path) -> None:
    code = "import ringscore; ringscore.canonical('030 901820', region='DE')"
    done = subprocess.run(
        [installed / "python", "-c", code], capture_output=True, text=True, check=False
    )
    assert "pip install 'ringscore[region]'" in done.stderr
    code = "import ringscore; print(ringscore.canonical('+49 30 901820'))"
    assert subprocess.check_output([installed / "python", "-c", code], text=True) == (
        "+4930901820\n"
    )
