// Whether sdk-js/types is what docs/openapi.yaml and sdk-js/src make today. With --write it is made so.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const run = (path, ...args) => execFileSync(process.execPath, [here(path), ...args], { stdio: "inherit" });
const committed = here("../../sdk-js/types");
const made = mkdtempSync(join(tmpdir(), "ringscore-"));
try {
  const document = here("../../docs/openapi.yaml");
  run("node_modules/openapi-typescript/bin/cli.js", document, "--output", join(made, "api.d.ts"));
  // Sources name the API's types where they are published, so those must be there first.
  if (process.argv.includes("--write")) {
    rmSync(committed, { recursive: true, force: true });
    execFileSync("cp", ["-r", made, committed]);
  }
  run("node_modules/typescript/bin/tsc", "--project", here("../../sdk-js"), "--outDir", made);
  if (process.argv.includes("--write")) execFileSync("cp", ["-r", `${made}/.`, committed]);
  execFileSync("diff", ["-ru", committed, made], { stdio: "inherit" });
} catch (error) {
  console.error("sdk-js/types is not what docs/openapi.yaml and sdk-js/src make. If that is meant: make client-types");
  process.exitCode = 1;
} finally {
  rmSync(made, { recursive: true });
}
