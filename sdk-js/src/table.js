/** The content of a mirror at one moment: sorted numbers and later changes. Replaced, never altered. */

import { ChecksumMismatch } from "./errors.js";
import { sha256 } from "./sha256.js";

/** @typedef {import("./snapshot.js").Action} Action */
/** @typedef {Pick<import("./snapshot.js").Snapshot, "numbers" | "others">} Listed */
/** @typedef {ReadonlyMap<string, Action | null>} Changes null removes a key */

const NUMBER = /^\+[1-9]\d{0,14}$/; // what a snapshot keeps as an integer
const MODULUS = 1n << 256n;
// Changes kept beside the sorted numbers before both are merged.
const MAX_CHANGES = 4096;
/** @type {Action[]} */
const ACTIONS = ["flag", "block"];

/** Lookups by canonical key. */
export class Table {
  /**
   * @param {Listed} listed
   * @param {Changes} changes
   * @param {number} cursor
   * @param {bigint} checksum
   */
  constructor(listed, changes, cursor, checksum) {
    this.listed = listed;
    this.changes = changes;
    this.cursor = cursor;
    this.checksum = checksum;
    /** @type {Map<string, Action>} */
    this.others = new Map(
      ACTIONS.flatMap((action) => listed.others[action].map((key) => [key, action])),
    );
  }

  /**
   * What is listed under a key; null when it is not.
   *
   * @param {string} key
   * @returns {Action | null}
   */
  action(key) {
    const changed = this.changes.get(key);
    return changed === undefined ? this.#before(key) : changed;
  }

  /** @param {string} key @returns {Action | null} */
  #before(key) {
    if (!NUMBER.test(key)) return this.others.get(key) ?? null;
    const number = Number(key.slice(1));
    return ACTIONS.find((action) => holds(this.listed.numbers[action], number)) ?? null;
  }

  /** How many keys are listed. */
  get count() {
    const { numbers } = this.listed;
    let count = numbers.flag.length + numbers.block.length + this.others.size;
    for (const [key, action] of this.changes) {
      count += Number(action !== null) - Number(this.#before(key) !== null);
    }
    return count;
  }

  /**
   * Every entry, in no particular order.
   *
   * @returns {Generator<[Action, string]>}
   */
  *entries() {
    for (const action of ACTIONS) {
      for (const number of this.listed.numbers[action]) {
        const key = `+${number}`;
        if (!this.changes.has(key)) yield [action, key];
      }
    }
    for (const [key, action] of this.others) if (!this.changes.has(key)) yield [action, key];
    for (const [key, action] of this.changes) if (action) yield [action, key];
  }

  /**
   * The table after some changes; this one stays as it is. Throws ChecksumMismatch.
   *
   * @param {Changes} changes
   * @param {number} cursor
   * @param {bigint} checksum
   */
  changed(changes, cursor, checksum) {
    const sum = new Checksum(this.checksum);
    for (const [key, action] of changes) {
      const before = this.action(key);
      if (before === action) continue;
      if (before) sum.add(before, key, -1);
      if (action) sum.add(action, key, 1);
    }
    if (sum.total !== checksum) {
      throw new ChecksumMismatch(
        `The changes up to cursor ${cursor} do not lead to the state that the server has: some were ` +
          "lost or altered.",
      );
    }
    const table = new Table(this.listed, new Map([...this.changes, ...changes]), cursor, checksum);
    return table.changes.size > MAX_CHANGES ? table.merged() : table;
  }

  /** The same entries, without changes beside them. */
  merged() {
    /** @type {Listed["others"]} */
    const others = { flag: [], block: [] };
    const numbers = { flag: [], block: [] };
    for (const [action, key] of this.entries()) {
      if (NUMBER.test(key)) /** @type {number[]} */ (numbers[action]).push(Number(key.slice(1)));
      else others[action].push(key);
    }
    const sorted = {
      flag: Float64Array.from(numbers.flag).sort(),
      block: Float64Array.from(numbers.block).sort(),
    };
    return new Table({ numbers: sorted, others }, new Map(), this.cursor, this.checksum);
  }

  /** Recomputes the checksum of all entries. Throws ChecksumMismatch. */
  verify() {
    const sum = new Checksum(0n);
    for (const [action, key] of this.entries()) sum.add(action, key, 1);
    if (sum.total !== this.checksum) {
      throw new ChecksumMismatch("The mirror is not what the server has.");
    }
  }
}

/** @param {Float64Array} sorted @param {number} number */
function holds(sorted, number) {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (Number(sorted[middle]) < number) low = middle + 1;
    else high = middle;
  }
  return sorted[low] === number;
}

/** The sum modulo 2 to the 256th of the entries' hashes. */
class Checksum {
  // In 32-bit words, the highest first: exact up to two million entries, and then carried over.
  #words = new Float64Array(8);
  #added = 0;
  #text = new Uint8Array(1024);
  #encoder = new TextEncoder();

  /** @param {bigint} start */
  constructor(start) {
    this.start = start;
  }

  /**
   * Adds an entry, or takes it away.
   *
   * @param {Action} action
   * @param {string} key
   * @param {1 | -1} sign
   */
  add(action, key, sign) {
    const { written } = this.#encoder.encodeInto(`${action} ${key}`, this.#text);
    const hash = sha256(this.#text.subarray(0, written));
    for (let at = 0; at < 8; at++) this.#words[at] = Number(this.#words[at]) + sign * Number(hash[at]);
    if (++this.#added === 2 ** 20) this.#carry();
  }

  get total() {
    this.#carry();
    return this.start;
  }

  #carry() {
    let sum = 0n;
    for (const word of this.#words) sum = sum * 2n ** 32n + BigInt(word);
    this.#words.fill(0);
    this.#added = 0;
    this.start = (((this.start + sum) % MODULUS) + MODULUS) % MODULUS;
  }
}
