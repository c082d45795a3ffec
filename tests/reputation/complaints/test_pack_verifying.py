"""Anybody can verify a complaint pack, and every forgery is named."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from reputation.complaints.verify import broken_log, check
from tests.given.attachments import stored
from tests.given.packs import EVIDENCE, files_of, pack_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("evidence_dir", "_authorities")]


def unpacked(pack, folder: Path) -> Path:
    with pack, zipfile.ZipFile(pack.file) as archive:
        archive.extractall(folder)
    return folder


def verify(folder: Path) -> tuple[int, list[str], str]:
    done = subprocess.run(
        [sys.executable, "-I", folder / "verify.py"], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout.splitlines(), done.stderr


def test_a_pack_is_sound(reports, tmp_path):
    pack = pack_of(reports)
    manifest = pack.manifest
    folder = unpacked(pack, tmp_path / "pack")
    assert verify(folder) == (
        0,
        [
            "All 15 files are as they were on 2026-11-24T12:00:00Z.",
            f"SHA-256 of manifest.json: {manifest}",
            "Compare it with the packs that the complaint's page at the service lists.",
        ],
        "",
    )


@pytest.mark.slow
def test_each_flipped_file_is_named_alone(reports, tmp_path):
    """Every one in this process, by the script's own function; three as anybody would ask."""
    folder = unpacked(pack_of(reports), tmp_path / "pack")
    names = stored(folder)
    assert len(names) == 16
    for name in names:
        path = folder / name
        content = path.read_bytes()
        # The middle; of the script, the comment at its top, so that it still runs.
        place = 5 if name == "verify.py" else len(content) // 2
        path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        changed, missing = f"{name} was changed", f"{name} is missing"
        if name == "manifest.json":
            changed = missing = (
                "manifest.json is missing or was changed, so nothing else can be judged by it"
            )
        assert check(str(folder)) == [changed]
        if name in ("verify.py", "manifest.json", *list(EVIDENCE)[:1]):
            assert verify(folder) == (1, [f"WRONG: {changed}"], "")
        path.unlink()
        assert check(str(folder)) == [missing]
        path.write_bytes(content)
    assert check(str(folder)) == []


@pytest.mark.slow
def test_any_byte_of_the_manifest(reports, tmp_path):
    folder = unpacked(pack_of(reports), tmp_path / "pack")
    path = folder / "manifest.json"
    content = path.read_bytes()
    assert check(str(folder)) == []
    for place in range(0, len(content), 61):
        path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        [fault] = check(str(folder))
        assert fault.startswith("manifest.json")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("forge", "faults"),
    [
        (
            lambda log: log["reports"][0]["results"].pop(0),
            ["report {0}, entry 1 does not follow the entry before it"],
        ),
        (
            lambda log: log["reports"][1]["results"][0].update(name="other.wav"),
            ["report {1}, entry 1 was changed"],
        ),
        (
            lambda log: log["files"].update(
                dict(zip(log["files"], reversed(log["files"].values()), strict=True))
            ),
            [
                "report {0}, entry 1 is of another file than the one in the pack",
                "report {1}, entry 1 is of another file than the one in the pack",
                "report {1}, entry 2 is of another file than the one in the pack",
            ],
        ),
    ],
)
def test_a_log_that_was_forged_with_its_manifest(reports, tmp_path, forge, faults):
    """Whoever makes a manifest anew still cannot make the log say something else."""
    files = files_of(pack_of(reports))
    log = json.loads(files["evidence/log.json"])
    forge(log)
    manifest = json.loads(files["manifest.json"])
    ids = [str(report.public_id) for report in reports]
    folder = tmp_path / "pack"
    (folder / "evidence").mkdir(parents=True)
    (folder / "evidence" / "log.json").write_text(json.dumps(log))
    assert list(broken_log(str(folder), manifest)) == [each.format(*ids) for each in faults]
