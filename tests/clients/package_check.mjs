// The JavaScript client as it is published: what is in the package, and that it installs into an empty
// project and compiles there. Needs npm, and this folder's TypeScript.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const sdk = fileURLToPath(new URL("../../sdk-js", import.meta.url));
const tsc = fileURLToPath(new URL("node_modules/typescript/bin/tsc", import.meta.url));
const run = (program, args, cwd) => execFileSync(program, args, { cwd, encoding: "utf8" });

const [dry] = JSON.parse(run("npm", ["pack", "--dry-run", "--json"], sdk));
const modules = readdirSync(join(sdk, "src"));
const expected = [
  "LICENSE",
  "README.md",
  "package.json",
  "types/api.d.ts",
  ...modules.flatMap((name) => [`src/${name}`, `types/${name.replace(".js", ".d.ts")}`]),
];
assert.deepEqual(dry.files.map(({ path }) => path).sort(), expected.sort());

const project = mkdtempSync(join(tmpdir(), "ringscore-"));
try {
  const [{ filename }] = JSON.parse(run("npm", ["pack", "--json", "--pack-destination", project], sdk));
  writeFileSync(join(project, "package.json"), '{"private":true,"type":"module"}');
  const quiet = ["--offline", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"];
  run("npm", ["install", ...quiet, `./${filename}`], project);
  assert.deepEqual(
    readdirSync(join(project, "node_modules")).filter((name) => !name.startsWith(".")),
    ["ringscore"],
  );
  writeFileSync(
    join(project, "program.ts"),
    `import { Client, Mirror, RateLimited, Refused, canonical, type Answer } from "ringscore";

const client = new Client("http://127.0.0.1:8000", { key: "rsk_x" });
const answer: Answer = await client.lookup("+12025550123", { signal: AbortSignal.timeout(100) });
const action: "allow" | "flag" | "block" = answer.action;
for (const each of await client.lookupMany(["+12025550123"])) {
  console.log("error" in each ? each.code : each.score, action);
}
const receipt = await client.report("+12025550123", "robocall", { call_count: 2 });
// @ts-expect-error -- no such category
await client.report("+12025550123", "nice");
// @ts-expect-error -- no such field
await client.report("+12025550123", "robocall", { calls: 2 });
try {
  await client.withdraw(receipt.id);
} catch (error) {
  if (error instanceof RateLimited) console.log(error.retryAfter + 1, error.requestId.length);
  else if (error instanceof Refused) console.log(error.field, error.remedy, error.problem.request_id);
}
const mirror = new Mirror(client);
const listed: "flag" | "block" | null = mirror.action(canonical("+12025550123"));
console.log(listed, mirror.status().age);
`,
  );
  for (const [module, resolution] of [["node16", "node16"], ["esnext", "bundler"]]) {
    const options = ["--strict", "--exactOptionalPropertyTypes", "--noUncheckedIndexedAccess", "--noEmit"];
    const target = ["--target", "es2022", "--lib", "es2022,dom,dom.iterable",];
    const how = ["--module", module, "--moduleResolution", resolution];
    run(process.execPath, [tsc, ...options, ...target, ...how, "program.ts"], project);
  }
} catch (error) {
  console.error(error.stdout ?? "");
  throw error;
} finally {
  rmSync(project, { recursive: true });
}
