"""The JavaScript client: its own tests, its README as typed, and names that the Python one has."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
import ringscore

from tests.given.sdk_server import ROOT, Server

pytestmark = pytest.mark.slow

SDK = ROOT / "sdk-js"


def test_its_own_tests_pass_against_the_live_server(server: Server, node: str) -> None:
    server.manage("publish")
    environment = os.environ | {
        "RINGSCORE_URL": server.url,
        "RINGSCORE_KEY": server.key("lookup,report,bulk,feed"),
    }
    done = subprocess.run(
        [node, "--test", "--test-reporter=tap", *sorted((SDK / "test").glob("*.test.js"))],
        cwd=SDK, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    counted = {
        name: int(count) for name, count in re.findall(r"^# (\w+) (\d+)$", done.stdout, re.M)
    }
    written = sum(
        len(re.findall(r"^test\(", file.read_text(), re.M)) for file in SDK.glob("test/*.test.js")
    )
    assert counted["pass"] == written
    assert counted["skipped"] == counted["todo"] == 0


def test_the_readme_works_as_typed(server: Server, node: str, tmp_path: Path) -> None:
    """Installed by hand, as `npm install` of the folder does it, after `npm init`."""
    (tmp_path / "package.json").write_text('{"type": "commonjs"}')
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / "ringscore").symlink_to(SDK)
    readme = (SDK / "README.md").read_text()
    blocks = re.findall(r"```js\n(.*?)```", readme, re.DOTALL)
    assert len(blocks) == 3
    server.manage("publish")
    key = server.key("lookup,report,bulk,feed")
    typed = "\n".join(blocks).replace("http://127.0.0.1:8000", server.url).replace("rsk_…", key)
    [name] = re.findall(r"`node (\S+)`", readme)
    (tmp_path / name).write_text(typed)
    done = subprocess.run([node, name], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert re.match(r"allow 0 .+\n", done.stdout)


def test_one_name_a_thing_in_both_languages(node: str) -> None:
    say = """
const ringscore = await import(process.argv[1]);
const methods = (kind) => Object.getOwnPropertyNames(kind.prototype);
const { Client, Mirror, RingscoreError } = ringscore;
const parents = (kind) => {
  const parent = Object.getPrototypeOf(kind);
  return kind === RingscoreError ? [] : [parent.name, ...parents(parent)];
};
const errors = Object.entries(ringscore).filter(([, kind]) => RingscoreError.isPrototypeOf(kind));
console.log(JSON.stringify({
  Client: methods(Client), Mirror: methods(Mirror),
  errors: Object.fromEntries(errors.map(([name, kind]) => [name, parents(kind)])),
}));
"""
    module = (SDK / "src/index.js").as_uri()
    said = json.loads(
        subprocess.check_output([node, "--input-type=module", "--eval", say, module], text=True)
    )
    for kind, more in ((ringscore.Client, set()), (ringscore.Mirror, {"state"})):
        there = {
            re.sub("[A-Z]", lambda m: f"_{m[0].lower()}", name) for name in said[kind.__name__]
        }
        # `action` is an attribute there.
        known = {*dir(kind), *getattr(kind, "__annotations__", ()), "constructor"}
        assert there - more <= known, kind
    for name, parents in said["errors"].items():
        theirs = [each.__name__ for each in getattr(ringscore, name).__mro__]
        assert [
            each for each in theirs[1:] if each in ("RingscoreError", *said["errors"])
        ] == parents


def test_it_needs_nothing_else() -> None:
    package = json.loads((SDK / "package.json").read_text())
    assert {"dependencies", "peerDependencies", "optionalDependencies"}.isdisjoint(package)
    for path in (SDK / "src").glob("*.js"):
        found = re.findall(r'(?:from|import\()\s*"([^"]+)"', path.read_text())
        assert all(name.startswith("./") or name == "../types/api.js" for name in found), path
