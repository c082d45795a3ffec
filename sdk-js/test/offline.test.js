/** What needs no Ringscore server: how answers of all kinds are read. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";

import * as ringscore from "../src/index.js";
import { sha256 } from "../src/sha256.js";
import { parse } from "../src/snapshot.js";
import { Table } from "../src/table.js";

const { Client, Mirror, canonical } = ringscore;
const NUMBER = "+12025550123";
const ANSWER = { number: NUMBER, action: "block", score: 93, ttl: 300 };
const FORMAT = readFileSync(new URL("../../docs/guide/feeds-format.md", import.meta.url), "utf8");

/** Answers in the order given; the last one again and again. */
let script = [];
let asked = [];
const server = createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    asked.push({ ...request.headers, method: request.method, url: request.url, body: String(Buffer.concat(chunks)) });
    const { status = 200, body = ANSWER, headers = {}, hang } = script.length > 1 ? script.shift() : script[0];
    if (hang) return;
    const kind = status < 300 ? "application/json" : "application/problem+json";
    response.writeHead(status, { "Content-Type": kind, "X-Request-Id": "5f2c9e0b7a41d386", ...headers });
    response.end(body instanceof Uint8Array || typeof body === "string" ? body : JSON.stringify(body));
  });
});
let url;
before(() => new Promise((done) => server.listen(0, "127.0.0.1", () => {
  url = `http://127.0.0.1:${server.address().port}`;
  done();
})));
after(() => {
  server.closeAllConnections();
  server.close();
});

function answering(...answers) {
  script = answers;
  asked = [];
  return new Client(url, { key: "rsk_x", lookupDeadline: 5 });
}

function problem(status, code, more = {}, headers = {}) {
  const body = { type: `urn:ringscore:problem:${code}`, title: code, status, detail: "No.", ...more };
  return { status, body, headers };
}

test("SHA-256 is that of others, at every length of the last block", () => {
  for (let size = 0; size < 200; size++) {
    const bytes = Uint8Array.from({ length: size }, (_, at) => (at * 7 + size) % 256);
    const ours = Array.from(sha256(bytes), (word) => word.toString(16).padStart(8, "0")).join("");
    assert.equal(ours, createHash("sha256").update(bytes).digest("hex"));
  }
});

test("each status is an error of its own, with field, remedy and request", async () => {
  const errors = [{ pointer: "#/category", code: "invalid_choice", detail: "Use robocall." }];
  for (const [status, name] of Object.entries({
    400: "RequestInvalid", 401: "KeyRejected", 403: "KeyRejected", 404: "NotFound", 409: "Conflict",
    410: "CursorExpired", 413: "RequestInvalid", 415: "RequestInvalid", 418: "Refused",
    422: "RequestInvalid", 429: "RateLimited", 500: "ServerFailed", 503: "ServerFailed",
  })) {
    const client = answering(problem(Number(status), "some-code", { errors }, { "Retry-After": "60" }));
    const error = await client.lookup(NUMBER).then(() => null, (thrown) => thrown);
    assert.ok(error instanceof ringscore[name], `${status}: ${error}`);
    assert.equal(error.name, name);
    assert.equal(error.requestId, "5f2c9e0b7a41d386");
    if (error instanceof ringscore.Refused) {
      assert.deepEqual([error.code, error.field, error.remedy], ["some-code", "category", "Use robocall."]);
    }
    if (name === "RateLimited" || name === "ServerFailed") assert.equal(error.retryAfter, 60);
    assert.equal(asked.length, 1); // 60 seconds are more than the deadline
  }
  const client = answering(problem(400, "invalid-number"));
  await assert.rejects(client.lookup("1"), ringscore.InvalidNumber);
});

test("a date to wait for is one of the server's clock, since ours may be days off", async () => {
  const day = "Thu, 03 Dec 2020";
  const dates = { Date: `${day} 10:00:00 GMT`, "Retry-After": `${day} 11:00:00 GMT` };
  const error = await answering(problem(429, "rate-limited", {}, dates)).lookup(NUMBER).catch((thrown) => thrown);
  assert.equal(error.retryAfter, 3600);
});

test("what is no answer of a Ringscore server is a BadAnswer", async () => {
  for (const answer of [
    { body: "<html>", headers: { "Content-Type": "text/html" } },
    { body: "{" },
    { body: [] },
    { body: { ...ANSWER, action: "maim" } },
    { status: 302, headers: { Location: "http://127.0.0.1:1/" } },
    { status: 404, body: "gone", headers: { "Content-Type": "text/html" } },
  ]) {
    await assert.rejects(answering(answer).lookup(NUMBER), ringscore.BadAnswer);
  }
  const secure = { status: 301, headers: { Location: `https://ringscore.example/v1/numbers/${NUMBER}` } };
  await assert.rejects(answering(secure).lookup(NUMBER), {
    message: "The server redirects to https://ringscore.example: if that is the service, give that address.",
  });
  const hidden = { ok: false, status: 0, type: "opaqueredirect", headers: new Headers(), body: null };
  const browser = new Client(url, { fetch: async () => hidden });
  await assert.rejects(browser.lookup(NUMBER), (error) => {
    return error instanceof ringscore.BadAnswer && /^The server redirects/.test(error.message);
  });
  await assert.rejects(answering({ body: { results: [] } }).lookupMany([NUMBER]), ringscore.BadAnswer);
  await assert.rejects(answering({ body: " ".repeat(9 * 2 ** 20) }).lookup(NUMBER), /larger/);
});

test("what may be sent again is sent again, under one Idempotency-Key", async () => {
  const busy = problem(503, "unavailable", {}, { "Retry-After": "0" });
  const receipt = { body: { id: "1", number: NUMBER, action: "flag", score: 50, next_steps: [] }, status: 201 };
  const client = answering(busy, busy, receipt);
  assert.equal((await client.report(NUMBER, "robocall")).id, "1");
  assert.equal(asked.length, 3);
  assert.equal(new Set(asked.map((each) => each["idempotency-key"])).size, 1);
  assert.deepEqual(JSON.parse(asked[0].body), { number: NUMBER, category: "robocall" });
  const other = answering(receipt);
  await other.report(NUMBER, "robocall");
  const [first] = asked;
  await other.report(NUMBER, "robocall", { idempotencyKey: first["idempotency-key"] });
  await other.report(NUMBER, "robocall");
  const keys = asked.map((each) => each["idempotency-key"]);
  assert.deepEqual([keys[0] === keys[1], keys[1] === keys[2]], [true, false]);
  // A third failure is the last.
  await assert.rejects(answering(busy).lookup(NUMBER), ringscore.ServerFailed);
  assert.equal(asked.length, 3);
});

test("a deadline holds, and so does the caller's signal", async () => {
  const client = answering({ hang: true });
  await assert.rejects(client.lookup(NUMBER, { deadline: 0.05 }), ringscore.DeadlineExceeded);
  const controller = new AbortController();
  const call = client.lookup(NUMBER, { signal: controller.signal });
  controller.abort(new Error("hung up"));
  await assert.rejects(call, /hung up/);
  await assert.rejects(client.lookup(NUMBER, { signal: controller.signal }), /hung up/);
  // Also while it waits for a second attempt.
  const waiting = answering(problem(429, "rate-limited", {}, { "Retry-After": "4" }));
  const later = new AbortController();
  const slow = waiting.lookup(NUMBER, { signal: later.signal });
  setTimeout(() => later.abort(new Error("hung up")), 50);
  await assert.rejects(slow, /hung up/);
  await assert.rejects(new Client("http://127.0.0.1:1").lookup(NUMBER), ringscore.Unreachable);
});

test("where requests know no cache, as in older Cloudflare Workers, none is named", async (context) => {
  const named = [];
  const noting = async (_, options) => {
    named.push(options.cache);
    return Response.json(ANSWER);
  };
  const client = new Client(url, { fetch: noting, lookupDeadline: 5 });
  const cache = Object.getOwnPropertyDescriptor(Request.prototype, "cache");
  context.after(() => Object.defineProperty(Request.prototype, "cache", cache));
  await client.lookup(NUMBER);
  delete Request.prototype.cache;
  await client.lookup(NUMBER);
  assert.deepEqual(named, ["no-store", undefined]);
});

test("one number given for a list is not taken for its characters", async () => {
  const client = answering({ body: { results: [ANSWER] } });
  assert.equal((await client.lookupMany(NUMBER)).length, 1);
  assert.deepEqual(JSON.parse(asked[0].body), { numbers: [NUMBER] });
});

test("what cannot be meant is refused at once", async () => {
  for (const number of [undefined, null, 12025550143]) {
    const refused = { name: "TypeError", message: `A number is text, such as "+12025550143", not ${number}.` };
    assert.throws(() => ringscore.canonical(number), refused);
    await assert.rejects(answering({ body: ANSWER }).lookup(number), refused);
  }
  await assert.rejects(answering({ body: ANSWER }).reportsOf(" "), ringscore.InvalidNumber);
  const site = "https://ringscore.example";
  for (const wrong of ["", "ringscore.example", "ftp://ringscore.example", `${site}/?a=b`, `${site}/v1`, `${site}/v1/`]) {
    assert.throws(() => new Client(wrong), TypeError);
  }
  assert.throws(() => new Client(url, { deadline: 0 }), RangeError);
  for (const key of ["rsk_…", "rsk x"]) assert.throws(() => new Client(url, { key }), /key has characters/);
  const client = answering({});
  await assert.rejects(client.lookup(" "), ringscore.InvalidNumber);
  await assert.rejects(client.lookupMany([]), RangeError);
  await assert.rejects(client.lookup(NUMBER, { deadline: Number.NaN }), RangeError);
  assert.deepEqual(asked, []);
});

test("numbers are read as the server reads them", () => {
  for (const raw of ["+12025550123", "0012025550123", "00012025550123", "+1 (202) 555-0123", "+12025550123.0", "tel:+1-202-555-0123",
    "sip:+12025550123@example.org;user=phone", "sip:%2B12025550123@example.org",
    "tel:202-555-0123;phone-context=+1", '"Loans" <sip:+12025550123@example.org>;tag=1', "+12025550123@192.0.2.1",
    "+12025550123;npdi", "+12025550123;verstat=TN-Validation-Passed"]) {
    assert.equal(canonical(raw), NUMBER);
  }
  for (const key of ["US:555010", "GB@EXAMPLE"]) assert.equal(canonical(key), key);
  for (const [raw, code] of [["", "empty"], [" ", "empty"], ["anonymous", "withheld"], ["%", "withheld"],
    ["2025550123", "region_required"], ["+49 (0)30 901820", "region_required"], ["+1234567890123456", "region_required"],
    [`+1${" ".repeat(20_000)}a`, "too_long"]]) {
    assert.throws(() => canonical(raw), (error) => error instanceof ringscore.InvalidNumber && error.code === code);
  }
});

function published() {
  const lines = FORMAT.matchAll(/^ {4}00[0-9a-f]{2} {2}([0-9a-f ]+)$/gm);
  return Uint8Array.from(Buffer.from(Array.from(lines, (line) => line[1].replaceAll(" ", "")).join(""), "hex"));
}

test("the file of the published format is read, and refused at every byte that is altered or cut", () => {
  const file = published();
  assert.equal(file.length, 243);
  const found = parse(file);
  assert.deepEqual([found.cursor, found.created], [7, 1_795_514_400]);
  const table = new Table(found, new Map(), found.cursor, found.checksum);
  assert.deepEqual([...table.entries()].sort(), [
    ["block", "+447700900123"], ["block", "+447700900124"], ["block", "GB@EXAMPLE"],
    ["flag", "+12025550143"], ["flag", "US:555010"],
  ]);
  table.verify();
  const changes = new Map([["+12025550143", "block"], ["GB@EXAMPLE", null]]);
  const later = BigInt("0x" + /:\n\s+(fd12[0-9a-f]{60})/.exec(FORMAT)[1]);
  const next = table.changed(changes, 9, later);
  assert.deepEqual([next.action("+12025550143"), next.action("GB@EXAMPLE"), next.count], ["block", null, 4]);
  assert.throws(() => table.changed(changes, 9, later + 1n), ringscore.ChecksumMismatch);
  for (let place = 0; place < file.length; place++) {
    const altered = file.slice();
    altered[place] ^= 1;
    assert.throws(() => parse(altered), ringscore.SnapshotCorrupt);
    assert.throws(() => parse(file.subarray(0, place)), ringscore.SnapshotCorrupt);
  }
});

test("a mirror keeps what it has when the server's changes do not fit", async () => {
  const snapshot = published();
  const served = { body: snapshot, headers: { "Content-Type": "application/octet-stream" } };
  const nothing = { changes: [], cursor: 7, min_wait: 300, checksum: "f58367d5a423a18cd51fb095a05b5db18767f57c7d30c4186619e60378924ba5" };
  const wrong = { ...nothing, changes: [{ number: "GB@EXAMPLE", action: "allow", category: "", score: 0 }], cursor: 8 };
  const mirror = new Mirror(answering(served, { body: nothing }));
  assert.throws(() => mirror.status(), ringscore.MirrorEmpty);
  await mirror.sync();
  assert.equal(mirror.action("GB@EXAMPLE"), "block");
  // Then a snapshot is taken; if that does not help, it is an error, and the earlier state stays.
  script = [{ body: wrong }, served, { body: wrong }];
  await assert.rejects(mirror.sync(), ringscore.ChecksumMismatch);
  assert.equal(mirror.action("GB@EXAMPLE"), "block");
  script = [{ body: { ...nothing, cursor: 3 } }, served, { body: nothing }];
  assert.deepEqual(await mirror.sync(), { snapshot: true, changes: 0, cursor: 7, minWait: 300 });
  // Two at a time are one.
  asked = [];
  await Promise.all([mirror.sync(), mirror.sync()]);
  assert.equal(asked.length, 1);
});

test("a mirror goes on from its state, and knows its age by a clock that may go back", async (context) => {
  const served = { body: published(), headers: { "Content-Type": "application/octet-stream" } };
  const checksum = "f58367d5a423a18cd51fb095a05b5db18767f57c7d30c4186619e60378924ba5";
  const client = answering(served, { body: { changes: [], cursor: 7, min_wait: 300, checksum } });
  const mirror = new Mirror(client);
  await mirror.sync();
  const state = structuredClone(mirror.state());
  const later = Mirror.from(client, state);
  later.verify();
  assert.deepEqual([...later.entries()].sort(), [...mirror.entries()].sort());
  assert.throws(() => Mirror.from(new Client("http://127.0.0.1:1"), state), ringscore.ChecksumMismatch);
  assert.throws(() => Mirror.from(client, { ...state, checksum: 1n }).verify(), ringscore.ChecksumMismatch);
  context.mock.timers.enable({ apis: ["Date"], now: state.syncedAt + 25 * 3_600_000 });
  assert.deepEqual([Math.round(later.status().age), later.stale], [25 * 3600, true]);
  context.mock.timers.setTime(state.syncedAt + 3_600_000);
  assert.equal(later.stale, false);
  context.mock.timers.setTime(state.syncedAt - 3_600_000);
  assert.equal(later.stale, true);
});
