"""The mirror of the JavaScript client, in Node and in a browser, against the live server's feed."""

import json
import os
import subprocess
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
from pyroaring import BitMap64

from tests.given.sdk_server import ROOT, SAY, Server

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
# The same as steps.mjs, in a page.
IN_PAGE = """
async ([step, keys, url, key]) => {
  const { Client, Mirror } = await import("/src/index.js");
  const client = new Client(url, { key, deadline: 60 });
  window.mirror ??= new Mirror(client);
  if (step === "restore") window.mirror = Mirror.from(client, structuredClone(mirror.state()));
  const result = step === "sync" ? await mirror.sync() : null;
  mirror.verify();
  const { cursor, count, stale } = mirror.status();
  return { result, cursor, count, stale, actions: mirror.actions(keys) };
}
"""

type Step = Callable[[str, list[str]], dict[str, Any]]


@pytest.fixture
def in_node(server: Server, node: str) -> Iterator[Step]:
    environment = os.environ | {
        "RINGSCORE_URL": server.url,
        "RINGSCORE_KEY": server.key("feed"),
    }
    with subprocess.Popen(
        [node, HERE / "steps.mjs"],
        env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None

        def step(name: str, keys: list[str]) -> dict[str, Any]:
            process.stdin.write(json.dumps({"step": name, "keys": keys}) + "\n")
            process.stdin.flush()
            answer: dict[str, Any] = json.loads(process.stdout.readline())
            return answer

        yield step
        process.stdin.close()


class Quiet(SimpleHTTPRequestHandler):
    """Files of the client, and a page without anything."""

    extensions_map = SimpleHTTPRequestHandler.extensions_map | {".js": "text/javascript"}

    def do_GET(self) -> None:
        if self.path != "/":
            super().do_GET()
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def in_chromium(server: Server, browser: "Browser") -> Iterator[Step]:
    handler = partial(Quiet, directory=str(ROOT / "sdk-js"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as site:
        Thread(target=site.serve_forever, daemon=True).start()
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{site.server_port}/")
        key = server.key("feed")
        yield lambda name, keys: page.evaluate(IN_PAGE, [name, keys, server.url, key])
        page.close()
        site.shutdown()


@pytest.mark.parametrize("where", ["in_node", "in_chromium"])
def test_snapshot_and_changes_lead_to_one_state(
    where: str, server: Server, number: Callable[[], str], request: pytest.FixtureRequest
) -> None:
    one, two, three = number(), number(), number()
    name = f"GB@{uuid.uuid4().hex[:8].upper()}"
    keys = [one, two, name, three]
    server.manage(
        code=SAY.format(changes=[(one, "allow", "flag"), (two, "allow", "block")])
        + SAY.format(changes=[(name, "allow", "block")])
    )
    server.manage("publish")
    step: Step = request.getfixturevalue(where)
    first = step("sync", keys)
    assert first["result"]["snapshot"]
    assert first["actions"] == ["flag", "block", "block", None]
    assert not first["stale"]

    said = [(one, "flag", "block"), (two, "block", "allow"), (three, "allow", "flag")]
    server.manage(code=SAY.format(changes=said))
    assert step("restore", keys) == first | {"result": None}
    second = step("sync", keys)
    assert second["result"] == {
        "snapshot": False,
        "changes": 3,
        "cursor": first["cursor"] + 3,
        "minWait": first["result"]["minWait"],
    }
    assert second["actions"] == ["block", None, "block", "flag"]
    assert second["count"] == first["count"]

    # The changes since are gone: it takes a snapshot by itself.
    horizon = "from reputation.models import FeedHead as H; H.objects.update(horizon={})"
    server.manage(code=SAY.format(changes=[(one, "block", "allow")]))
    server.manage("publish")
    server.manage(code=horizon.format(second["cursor"] + 1))
    third = step("sync", keys)
    server.manage(code=horizon.format(0))
    assert third["result"]["snapshot"]
    assert third["actions"] == [None, None, "block", "flag"]


def test_bitmaps_of_all_kinds_are_read_as_their_own_library_writes_them(
    node: str, tmp_path: Path
) -> None:
    few, many, runs = [7, 70_000, 2**33, 10**15 - 1], range(0, 200_000, 3), range(10**9, 10**9 + 9)
    states = [
        few,
        sorted({*few, *many}),
        sorted({*few, *many, *runs, *range(2**40, 2**40 + 70_000)}),
    ]
    for index, values in enumerate(states):
        for optimised in (False, True):
            bitmap = BitMap64(values, optimize=False)
            if optimised:
                bitmap.run_optimize()
            (tmp_path / f"{index}{optimised}.bin").write_bytes(bitmap.serialize())
            (tmp_path / f"{index}{optimised}.json").write_text(json.dumps(list(values)))
    read = """
import { readFileSync, readdirSync } from "node:fs";
import assert from "node:assert/strict";
const [folder, module] = process.argv.slice(1);
const { roaring64 } = await import(module);
const files = readdirSync(folder).filter((name) => name.endsWith(".bin"));
for (const name of files) {
  const expected = JSON.parse(readFileSync(`${folder}/${name.replace(".bin", ".json")}`));
  const bytes = readFileSync(`${folder}/${name}`);
  assert.deepEqual(Array.from(roaring64(bytes, expected.length)), expected);
  assert.throws(() => roaring64(bytes, expected.length - 1));
  assert.throws(() => roaring64(bytes, 30_000_001), /more than/);
  for (let place = 0; place < bytes.length; place += 1 + (bytes.length >> 8)) {
    const altered = Uint8Array.from(bytes);
    altered[place] ^= 1 << place % 8;
    try {
      const found = roaring64(altered, expected.length);
      found.forEach((value, at) => assert.ok(at === 0 || value > found[at - 1]));
    } catch (error) {
      assert.ok(/snapshot|bitmap|DataView|bounds/i.test(error.message), error);
    }
  }
}
console.log(files.length);
"""
    module = (ROOT / "sdk-js/src/snapshot.js").as_uri()
    done = subprocess.run(
        [node, "--input-type=module", "--eval", read, "--", tmp_path, module],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("6\n", "")
