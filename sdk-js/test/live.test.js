/** Against a running service: RINGSCORE_URL, and RINGSCORE_KEY with lookup, report, bulk and feed. */

import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { before, test } from "node:test";

import { Client, InvalidNumber, KeyRejected, NotFound, RequestInvalid } from "../src/index.js";

let client, stranger, number;
before(() => {
  client = Client.fromEnv({ region: "US", lookupDeadline: 30, deadline: 30 });
  stranger = new Client(process.env.RINGSCORE_URL, { lookupDeadline: 30, deadline: 30 });
  const areas = [205, 206, 208, 314, 316, 401, 402, 505, 605, 701, 802, 901];
  number = `+1${areas[randomInt(areas.length)]}55501${randomInt(10, 100)}`;
});

test("a number, in any notation, with and without a key", async () => {
  for (const each of [client, stranger]) {
    const answer = await each.lookup(number, { attestation: "A", callerName: "Sam & Sons" });
    assert.deepEqual([answer.number, answer.action, answer.country], [number, "allow", "US"]);
  }
  assert.equal((await client.lookup(number.slice(2))).number, number);
  await assert.rejects(stranger.lookup("2025550123"), (error) => {
    return error instanceof InvalidNumber && /^[0-9a-f]{16}$/.test(error.requestId);
  });
});

test("many numbers in order", async () => {
  const [first, second, third] = await client.lookupMany([number, "anonymous", "2025550199"]);
  assert.deepEqual([first.number, third.number], [number, "+12025550199"]);
  assert.ok("error" in second && second.input === "anonymous");
  await assert.rejects(stranger.lookupMany([number]), (error) => {
    return error instanceof KeyRejected && error.code === "key-required";
  });
});

test("a report, the same again, and its end", async () => {
  const options = { idempotencyKey: `live ${number}`, comment: "Asked for gift cards.", call_count: 2 };
  const receipt = await client.report(number, "impersonation", options);
  assert.equal(receipt.number, number);
  assert.deepEqual(await client.report(number, "impersonation", options), receipt);
  const own = await client.myReport(receipt.id);
  assert.deepEqual([own.status, own.call_count, own.comment], ["live", 2, "Asked for gift cards."]);
  assert.equal((await client.reportsOf(number)).number, number);
  await client.withdraw(receipt.id);
  await client.withdraw(receipt.id);
  assert.equal((await client.myReport(receipt.id)).status, "withdrawn");
  await assert.rejects(client.report(number, "robocall", options), (error) => {
    return error instanceof RequestInvalid && error.code === "idempotency-key-reused";
  });
});

test("what is wrong has a name, a field, a remedy and a request", async () => {
  await assert.rejects(client.report(number, "nice"), (error) => {
    assert.ok(error instanceof RequestInvalid);
    assert.deepEqual([error.field, error.problem.request_id], ["category", error.requestId]);
    return error.remedy.includes("nice");
  });
  await assert.rejects(client.myReport("7363f356-c450-465e-bf3c-3b1560f1800b"), NotFound);
  await assert.rejects(client.changes("nothing", 0), NotFound);
});

test("what belongs to the key", async () => {
  assert.deepEqual((await client.ownList()).rules, []);
  const [feed] = await client.feeds();
  assert.equal(feed.name, "numbers");
});
