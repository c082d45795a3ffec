// A mirror in Node, for a test that changes the feed between its steps: a line of JSON in, one out.
import { createInterface } from "node:readline";
import { deserialize, serialize } from "node:v8";

import { Client, Mirror } from "../../../sdk-js/src/index.js";

const client = Client.fromEnv({ deadline: 60 });
let mirror = new Mirror(client);
for await (const line of createInterface({ input: process.stdin })) {
  const { step, keys } = JSON.parse(line);
  if (step === "restore") mirror = Mirror.from(client, deserialize(serialize(mirror.state())));
  const result = step === "sync" ? await mirror.sync() : null;
  mirror.verify();
  const { cursor, count, stale } = mirror.status();
  console.log(JSON.stringify({ result, cursor, count, stale, actions: mirror.actions(keys) }));
}
