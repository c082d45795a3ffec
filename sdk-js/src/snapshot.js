/** Reads a snapshot: docs/guide/feeds-format.md in code. Checks everything before use. */

import { SnapshotCorrupt } from "./errors.js";
import { sha256 } from "./sha256.js";

/** @typedef {"flag" | "block"} Action what to do with a listed number's call */
/** @typedef {{ [action in Action]: T }} ByAction @template T */

/**
 * A feed's state at `cursor`: ascending digits of E.164 numbers, and other keys, by action.
 *
 * @typedef {object} Snapshot
 * @property {number} cursor
 * @property {number} created seconds since the epoch
 * @property {bigint} checksum
 * @property {ByAction<Float64Array>} numbers
 * @property {ByAction<string[]>} others
 */

const MAGIC = "RSFEED\r\n";
const VERSION = 1;
const HEADER = 64;
const SECTION = 16;
const TRAILER = 32;
const LARGEST = 1e15; // E.164 has at most 15 digits
const MOST_NUMBERS = 30_000_000; // more than any feed has: a kilobyte of runs may stand for billions
const NUMBERS = 1; // kind of section; the other is OTHERS
const OTHERS = 2;

// Constants of 32-bit Roaring bitmaps: see the format's specification.
const WITHOUT_RUNS = 12346;
const WITH_RUNS = 12347;
const ARRAY_MAX = 4096; // values; a container with more is a bitmap
const BITMAP_BYTES = 8192;
const OFFSETS_FROM = 4; // containers, when there are runs

/**
 * A snapshot from its bytes. Throws SnapshotCorrupt.
 *
 * @param {Uint8Array} file
 * @returns {Snapshot}
 */
export function parse(file) {
  const text = new TextDecoder("latin1");
  if (file.length < HEADER + TRAILER || text.decode(file.subarray(0, 8)) !== MAGIC) {
    throw new SnapshotCorrupt("This is no snapshot: it does not begin like one.");
  }
  const end = file.length - TRAILER;
  const trailer = viewOf(file.subarray(end));
  if (sha256(file.subarray(0, end)).some((word, at) => word !== trailer.getUint32(4 * at))) {
    throw new SnapshotCorrupt("The snapshot is cut or altered: its SHA-256 does not fit.");
  }
  try {
    return sections(file.subarray(0, end));
  } catch (error) {
    if (error instanceof SnapshotCorrupt) throw error;
    throw new SnapshotCorrupt(`The snapshot cannot be read: ${error}`, { cause: error });
  }
}

/** @param {Uint8Array} file without its trailer @returns {Snapshot} */
function sections(file) {
  const view = viewOf(file);
  const version = view.getUint16(8, true);
  if (version !== VERSION || view.getUint16(10, true) !== HEADER) {
    throw new SnapshotCorrupt(
      `The snapshot has version ${version}, this package reads ${VERSION}: update it.`,
    );
  }
  /** @type {Snapshot} */
  const snapshot = {
    cursor: safe(view.getBigUint64(16, true)),
    created: safe(view.getBigUint64(24, true)),
    checksum: Array.from(file.subarray(32, HEADER)).reduce((sum, byte) => sum * 256n + BigInt(byte), 0n),
    numbers: { flag: new Float64Array(0), block: new Float64Array(0) },
    others: { flag: [], block: [] },
  };
  let place = HEADER;
  let before = 0;
  for (let left = view.getUint32(12, true); left > 0; left--) {
    const [action, kind] = [view.getUint8(place), view.getUint8(place + 1)];
    const count = view.getUint32(place + 4, true);
    const size = safe(view.getBigUint64(place + 8, true));
    const rank = action * 256 + kind;
    if (view.getUint16(place + 2, true) || rank <= before || !count) {
      throw new SnapshotCorrupt("The snapshot's sections are not in order.");
    }
    if (action < 1 || action > 2 || kind < NUMBERS || kind > OTHERS) {
      throw new SnapshotCorrupt(`The snapshot has an unknown section (${action}, ${kind}).`);
    }
    before = rank;
    place += SECTION;
    if (size > file.length - place) throw new SnapshotCorrupt("The snapshot is shorter than it says.");
    const payload = file.subarray(place, place + size);
    place += size;
    const name = action === 1 ? "flag" : "block";
    let found;
    if (kind === NUMBERS) {
      found = snapshot.numbers[name] = roaring64(payload, count);
      if (Number(found.at(-1)) >= LARGEST) {
        throw new SnapshotCorrupt("The snapshot lists what is no E.164 number.");
      }
    } else {
      found = snapshot.others[name] = keys(payload);
    }
    if (found.length !== count) {
      throw new SnapshotCorrupt(`The snapshot announces ${count} keys and has ${found.length}.`);
    }
  }
  if (place !== file.length) {
    throw new SnapshotCorrupt("The snapshot goes on behind its last section.");
  }
  return snapshot;
}

/** @param {Uint8Array} bytes */
function viewOf(bytes) {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** @param {bigint} value */
function safe(value) {
  if (value > Number.MAX_SAFE_INTEGER) throw new SnapshotCorrupt(`The snapshot says ${value}.`);
  return Number(value);
}

/** @param {Uint8Array} payload */
function keys(payload) {
  const wrong = new SnapshotCorrupt("The snapshot's keys are not in order.");
  if (payload.at(-1) !== 10) throw wrong;
  /** @type {string[]} */
  const found = [];
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let before = new Uint8Array(0);
  for (let start = 0; start < payload.length; ) {
    const end = payload.indexOf(10, start);
    const key = payload.slice(start, end);
    if (!isBelow(before, key)) throw wrong;
    found.push(decoder.decode(key));
    before = key;
    start = end + 1;
  }
  return found;
}

/** Whether one text stands before the other, by their bytes. @param {Uint8Array} one @param {Uint8Array} other */
function isBelow(one, other) {
  for (let place = 0; place < one.length; place++) {
    const [a, b] = [Number(one[place]), other[place]];
    if (b === undefined || a > b) return false;
    if (a < b) return true;
  }
  return one.length < other.length;
}

/**
 * The values of a Roaring bitmap in the portable 64-bit serialisation, ascending.
 *
 * @param {Uint8Array} payload
 * @param {number} count as the section announces it
 */
export function roaring64(payload, count) {
  if (count > MOST_NUMBERS) {
    throw new SnapshotCorrupt(`A bitmap has more than ${MOST_NUMBERS} numbers.`);
  }
  const values = new Values(count);
  const view = viewOf(payload);
  const bitmaps = safe(view.getBigUint64(0, true));
  let place = 8;
  let before = -1;
  for (let index = 0; index < bitmaps; index++) {
    const high = view.getUint32(place, true);
    if (high <= before) throw new SnapshotCorrupt("A bitmap's parts are not in order.");
    before = high;
    place += 4;
    place += roaring32(payload.subarray(place), high * 2 ** 32, values);
  }
  if (place !== payload.length || values.size === 0) {
    throw new SnapshotCorrupt("A bitmap has not the size that it says.");
  }
  return values.found();
}

/** Values that must come in ascending order, at most as many as were announced. */
class Values {
  /** @param {number} most */
  constructor(most) {
    // Grown as they come: a file of a few bytes may announce four billion.
    this.kept = new Float64Array(Math.min(most, 1 << 16));
    this.most = most;
    this.size = 0;
    this.last = -1;
  }

  /** @param {number} value */
  add(value) {
    if (value <= this.last) throw new SnapshotCorrupt("A bitmap's values are not in order.");
    if (this.size === this.most) throw new SnapshotCorrupt("A bitmap has more values than announced.");
    if (this.size === this.kept.length) {
      const larger = new Float64Array(Math.min(this.size * 2, this.most));
      larger.set(this.kept);
      this.kept = larger;
    }
    this.kept[this.size++] = this.last = value;
  }

  found() {
    return this.kept.slice(0, this.size);
  }
}

/**
 * Adds a 32-bit bitmap's values, raised by `high`. Returns its size in bytes.
 *
 * @param {Uint8Array} payload
 * @param {number} high
 * @param {Values} values
 */
function roaring32(payload, high, values) {
  const view = viewOf(payload);
  const cookie = view.getUint32(0, true);
  let containers, place, offsets;
  let runs = new Uint8Array(0);
  if ((cookie & 0xffff) === WITH_RUNS) {
    containers = (cookie >>> 16) + 1;
    place = 4 + ((containers + 7) >> 3);
    runs = payload.slice(4, place);
    offsets = containers >= OFFSETS_FROM;
  } else if (cookie === WITHOUT_RUNS) {
    containers = view.getUint32(4, true);
    place = 8;
    offsets = true;
  } else {
    throw new SnapshotCorrupt("A bitmap does not begin like one.");
  }
  if (containers > 65536) throw new SnapshotCorrupt("A bitmap is shorter than it says.");
  const described = place;
  place += 4 * containers + (offsets ? 4 * containers : 0);
  for (let index = 0; index < containers; index++) {
    const base = high + view.getUint16(described + 4 * index, true) * 65536;
    const size = view.getUint16(described + 4 * index + 2, true) + 1;
    const start = values.size;
    if ((Number(runs[index >> 3] ?? 0) >> (index & 7)) & 1) {
      const count = view.getUint16(place, true);
      place += 2;
      for (let run = 0; run < count; run++, place += 4) {
        const first = view.getUint16(place, true);
        const last = Math.min(first + view.getUint16(place + 2, true), 0xffff);
        for (let low = first; low <= last; low++) values.add(base + low);
      }
    } else if (size <= ARRAY_MAX) {
      for (let at = 0; at < size; at++, place += 2) values.add(base + view.getUint16(place, true));
    } else {
      for (let byte = 0; byte < BITMAP_BYTES; byte++) {
        const bits = view.getUint8(place + byte);
        for (let bit = 0; bit < 8; bit++) if ((bits >> bit) & 1) values.add(base + byte * 8 + bit);
      }
      place += BITMAP_BYTES;
    }
    if (values.size - start !== size) {
      throw new SnapshotCorrupt("A bitmap's container has not the size that it says.");
    }
  }
  return place;
}
