"""The JavaScript client reads numbers as the server does, as far as no numbering plan is needed."""

import json
import subprocess
from collections.abc import Sequence

from tests.given.sdk_server import ROOT
from tests.given.written_numbers import BRANCHES, read_by_server, written_numbers

READ = """
import { readFileSync } from "node:fs";
const { canonical } = await import(process.argv[1]);
const read = (raw) => { try { return canonical(raw); } catch { return ""; } };
console.log(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(read)));
"""


def test_what_is_around_a_number_is_read_as_the_server_reads_it(node: str) -> None:
    forms = list(written_numbers())
    assert read(node, forms) == {raw: read_by_server(raw) for raw in forms}


def test_an_extension_behind_a_dash_makes_no_other_number(node: str) -> None:
    assert read(node, BRANCHES) == {
        raw: read_by_server(raw) if raw.startswith("+4") and "+48" not in raw else ""
        for raw in BRANCHES
    }


def read(node: str, forms: Sequence[str]) -> dict[str, str]:
    module = (ROOT / "sdk-js" / "src" / "numbers.js").as_uri()
    done = subprocess.run(
        [node, "--input-type=module", "-e", READ, module],
        input=json.dumps(list(forms)), text=True, check=True, capture_output=True,
    )  # fmt: skip
    return dict(zip(forms, json.loads(done.stdout), strict=True))
