/** A local copy of a feed: complete, verified, and with a known age. */

import {
  BadAnswer,
  ChecksumMismatch,
  CursorExpired,
  MirrorEmpty,
  RateLimited,
  RingscoreError,
  ServerFailed,
} from "./errors.js";
import { parse } from "./snapshot.js";
import { Table } from "./table.js";
import { sleep } from "./transport.js";

/** @typedef {import("./snapshot.js").Action} Action */

/**
 * A mirror's content and age.
 *
 * @typedef {object} MirrorStatus
 * @property {number} cursor
 * @property {number} count
 * @property {Date} syncedAt the server's last confirmation
 * @property {number} age seconds since then
 * @property {boolean} stale whether that is too old
 */

/**
 * @typedef {object} SyncResult
 * @property {boolean} snapshot whether a snapshot was taken
 * @property {number} changes
 * @property {number} cursor
 * @property {number} minWait seconds to leave until the next sync
 */

/**
 * What to keep of a mirror between two runs. It survives a structured clone: IndexedDB takes it as it
 * is, and in Node `v8.serialize` makes bytes of it.
 *
 * @typedef {object} MirrorState
 * @property {1} version
 * @property {string} server
 * @property {string} feed
 * @property {number} cursor
 * @property {bigint} checksum
 * @property {number} syncedAt milliseconds since the epoch
 * @property {import("./table.js").Listed["numbers"]} numbers
 * @property {import("./table.js").Listed["others"]} others
 */

const STALE_AFTER = 24 * 3600; // seconds
const CLOCK_SKEW = 300; // seconds by which a clock may be corrected backwards
const MAX_PAGES = 10_000; // of changes in one sync
const JITTER = 0.1; // of minWait, so that mirrors started together drift apart
const FIRST_BACKOFF = 30; // seconds
const MAX_BACKOFF = 3600;
const MAX_ASKED = 86_400; // seconds of a Retry-After: a mirror that waits longer is stale

/**
 * A feed in memory, 8 bytes a number. `action` never waits, not even for a sync in progress.
 */
export class Mirror {
  #client;
  /** @type {Table | null} */
  #table = null;
  #syncedAt = 0; // milliseconds since the epoch
  /** @type {Promise<SyncResult> | null} */
  #syncing = null;

  /**
   * @param {import("./client.js").Client} client the source of updates
   * @param {{ feed?: string, staleAfter?: number }} [options] feed: its name on the server;
   *   staleAfter: age in seconds from which the mirror is stale
   */
  constructor(client, { feed = "numbers", staleAfter = STALE_AFTER } = {}) {
    this.#client = client;
    this.feed = feed;
    this.staleAfter = staleAfter;
  }

  /**
   * A mirror that goes on from an earlier one's `state`. Throws ChecksumMismatch if that is of another
   * server or feed: begin without it then. `verify` finds out whether it was altered meanwhile.
   *
   * @param {import("./client.js").Client} client
   * @param {MirrorState} state
   * @param {{ feed?: string, staleAfter?: number }} [options]
   */
  static from(client, state, options = {}) {
    const mirror = new this(client, options);
    if (state.version !== 1 || state.server !== client.baseUrl || state.feed !== mirror.feed) {
      throw new ChecksumMismatch("This is the state of another server, feed or version.");
    }
    mirror.#table = new Table(state, new Map(), state.cursor, state.checksum);
    mirror.#syncedAt = state.syncedAt;
    return mirror;
  }

  /**
   * What to do with a call from a canonical key (`canonical` makes one); null when it is not listed.
   * Throws MirrorEmpty until something was downloaded.
   *
   * @param {string} key
   * @returns {Action | null}
   */
  action(key) {
    return this.#held().action(key);
  }

  /**
   * `action` for each of many keys.
   *
   * @param {Iterable<string>} keys
   * @returns {(Action | null)[]}
   */
  actions(keys) {
    const table = this.#held();
    return Array.from(keys, (key) => table.action(key));
  }

  /** All listed keys with their actions, in no particular order. Throws MirrorEmpty. */
  entries() {
    return this.#held().entries();
  }

  /** The mirror's content and age. Throws MirrorEmpty. @returns {MirrorStatus} */
  status() {
    const { cursor, count } = this.#held();
    const age = Math.max((Date.now() - this.#syncedAt) / 1000, 0);
    // A clock that was set back shows no age: a sync in its future proves nothing.
    const ahead = (this.#syncedAt - Date.now()) / 1000 > CLOCK_SKEW;
    const stale = age > this.staleAfter || ahead;
    return { cursor, count, syncedAt: new Date(this.#syncedAt), age, stale };
  }

  /** Whether the server's last confirmation is too old. Throws MirrorEmpty. */
  get stale() {
    return this.status().stale;
  }

  /** Whether nothing was downloaded yet. */
  get empty() {
    return this.#table === null;
  }

  /**
   * Recomputes the checksum of all entries: about two seconds for a million. Throws ChecksumMismatch,
   * MirrorEmpty.
   */
  verify() {
    this.#held().verify();
  }

  /** What to keep for `Mirror.from`. Throws MirrorEmpty. @returns {MirrorState} */
  state() {
    const { cursor, checksum, listed } = this.#held().merged();
    const { baseUrl: server } = this.#client;
    const syncedAt = this.#syncedAt;
    return { version: 1, server, feed: this.feed, cursor, checksum, syncedAt, ...listed };
  }

  /**
   * Brings the mirror up to date: by changes if possible, else by a snapshot. A failed sync leaves the
   * earlier state. Two syncs at the same time are one, which the first's signal ends.
   *
   * @param {{ signal?: AbortSignal }} [options]
   * @returns {Promise<SyncResult>}
   */
  async sync(options = {}) {
    this.#syncing ??= this.#sync(options).finally(() => {
      this.#syncing = null;
    });
    return this.#syncing;
  }

  /** @param {{ signal?: AbortSignal }} options @returns {Promise<SyncResult>} */
  async #sync(options) {
    let snapshot = this.#table === null;
    if (snapshot) await this.#takeSnapshot(options);
    let count = 0;
    for (let pages = 0; pages < MAX_PAGES; pages++) {
      const table = this.#held();
      let page, changes, next;
      try {
        page = await this.#client.changes(this.feed, table.cursor, options);
        if (page.cursor < table.cursor) {
          throw new ChecksumMismatch(
            `The server went back from cursor ${table.cursor} to ${page.cursor}.`,
          );
        }
        changes = changesOf(page);
        next = table.changed(changes, page.cursor, BigInt(`0x${page.checksum}`));
      } catch (error) {
        // A fresh snapshot that does not fit: another would not help.
        const another = error instanceof CursorExpired || error instanceof ChecksumMismatch;
        if (snapshot || !another) throw error;
        snapshot = true;
        await this.#takeSnapshot(options);
        continue;
      }
      count += changes.size;
      this.#table = next;
      this.#syncedAt = Date.now();
      if (page.cursor === table.cursor || page.min_wait > 0) {
        return { snapshot, changes: count, cursor: page.cursor, minWait: page.min_wait };
      }
    }
    throw new BadAnswer(`The server has not come to an end after ${MAX_PAGES} pages.`);
  }

  /** @param {{ signal?: AbortSignal }} options */
  async #takeSnapshot(options) {
    const snapshot = parse(await this.#client.downloadSnapshot(this.feed, options));
    this.#table = new Table(snapshot, new Map(), snapshot.cursor, snapshot.checksum);
    this.#syncedAt = snapshot.created * 1000; // not confirmed by the server yet: the changes do that
  }

  /**
   * Syncs until the signal, no more often than the server allows. After an error it waits, twice as
   * long each time up to an hour.
   *
   * @param {AbortSignal} signal
   * @param {{ onSync?: (result: SyncResult) => void, onError?: (error: RingscoreError, seconds: number) => void }} [options]
   *   onError gets the error and the seconds until the next attempt
   * @returns {Promise<void>}
   */
  async run(signal, { onSync, onError } = {}) {
    let backoff = FIRST_BACKOFF;
    while (!signal.aborted) {
      let wait;
      try {
        const result = await this.sync({ signal });
        backoff = FIRST_BACKOFF;
        wait = Math.max(result.minWait, 1) * (1 + Math.random() * JITTER);
        onSync?.(result);
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof RingscoreError)) throw error;
        wait = Math.max(backoff * (0.5 + Math.random() / 2), askedToWait(error));
        backoff = Math.min(backoff * 2, MAX_BACKOFF);
        onError?.(error, wait);
      }
      await sleep(wait, signal);
    }
  }

  #held() {
    if (!this.#table) throw new MirrorEmpty("There is no mirror yet: sync it first.");
    return this.#table;
  }
}

/**
 * @param {import("./client.js").ChangesPage} page
 * @returns {Map<string, Action | null>}
 */
function changesOf(page) {
  const changes = new Map();
  for (const { number, action } of page.changes) {
    if (typeof number !== "string" || !/^(allow|flag|block)$/.test(action)) {
      throw new BadAnswer("The server's answer is no page of changes: an entry is none.");
    }
    changes.set(number, action === "allow" ? null : action);
  }
  return changes;
}

/** Seconds. @param {RingscoreError} error */
function askedToWait(error) {
  const asked = error instanceof RateLimited || error instanceof ServerFailed ? error.retryAfter : 0;
  return Math.min(asked ?? 0, MAX_ASKED);
}
