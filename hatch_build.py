"""What the wheel `ringscore-server` takes from the repository's own files when it is built."""

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface

if sys.version_info < (3, 12):  # noqa: UP036 -- whatever Python builds it
    # Before anything is built, pip does not know what Python the package needs.
    raise SystemExit(f"Ringscore needs Python 3.12 or newer; this is {sys.version.split()[0]}.")

ROOT = Path(__file__).parent


def pins(name: str) -> list[str]:
    lines = (line.partition("#")[0].strip() for line in (ROOT / name).read_text().splitlines())
    return [line for line in lines if line]


class Requirements(MetadataHookInterface):
    """What it needs is what requirements.txt pins, and its extras requirements-*.txt."""

    PLUGIN_NAME = "custom"

    def update(self, metadata: dict[str, Any]) -> None:
        metadata["dependencies"] = pins("requirements.txt")
        metadata["optional-dependencies"] = {
            extra: pins(f"requirements-{extra}.txt") for extra in ("otel", "ray")
        }


class Built(BuildHookInterface):
    """Compiled catalogues, since an installed program should write nothing beside its code, and
    the commit, since it has no git to ask."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        sys.path.insert(0, self.root)
        from config.translations import compile_stale
        from config.version import commit

        compile_stale((ROOT / "locale").iterdir())
        self.built_from = Path(tempfile.mkdtemp()) / "commit.txt"
        self.built_from.write_text(f"{commit()}\n")
        build_data["force_include"][str(self.built_from)] = "ringscore_server/config/commit.txt"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        shutil.rmtree(self.built_from.parent)
