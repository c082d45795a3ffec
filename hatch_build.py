"""What the wheel `ringscore-server` takes from the repository's own files when it is built."""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface

ROOT = Path(__file__).parent


class Requirements(MetadataHookInterface):
    """What it needs is what requirements.txt pins: one list."""

    PLUGIN_NAME = "custom"

    def update(self, metadata: dict[str, Any]) -> None:
        lines = (ROOT / "requirements.txt").read_text().splitlines()
        pins = (line.partition("#")[0].strip() for line in lines)
        metadata["dependencies"] = [pin for pin in pins if pin]


class Translations(BuildHookInterface):
    """Compiled catalogues: an installed program should write nothing beside its code."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        sys.path.insert(0, self.root)
        from config.translations import compile_stale

        compile_stale((ROOT / "locale").iterdir())
