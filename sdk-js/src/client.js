import { BadAnswer, InvalidNumber } from "./errors.js";
import { textOf } from "./numbers.js";
import { Transport } from "./transport.js";

/** @typedef {import("../types/api.js").components["schemas"]} Schemas */
/** @typedef {Schemas["NumberAnswer"]} Answer what is known of a number */
/** @typedef {Schemas["NotANumber"]} Unreadable an unreadable input in a bulk answer */
/** @typedef {Schemas["ReportRequest"]} Statement a report to be made */
/** @typedef {Schemas["ReportReceipt"]} Receipt the result of a report */
/** @typedef {Schemas["OwnReport"]} OwnReport a report of yours, as the server holds it */
/** @typedef {Schemas["PublicReports"]} PublicReports a page of a number's reports */
/** @typedef {Schemas["OwnList"]} OwnList what you block and let through */
/** @typedef {Schemas["Feed"]} FeedInfo a feed of the server */
/** @typedef {Schemas["FeedChanges"]} ChangesPage a page of a feed's changes */
/** @typedef {Statement["category"]} Category */

/**
 * @typedef {object} Options
 * @property {string} [key] an API key; single lookups work without one, at a lower limit
 * @property {string} [region] ISO alpha-2, the country of national formats; else the key's own
 * @property {number} [lookupDeadline] seconds for a lookup in all, retries included; 1 unless given
 * @property {number} [deadline] seconds for any other call in all; 10 unless given
 * @property {number} [retries] how often at most a request is sent again; 2 unless given
 * @property {typeof fetch} [fetch] for tests, and for proxies of your own
 */

/**
 * @typedef {object} CallOptions
 * @property {number} [deadline] seconds for this call
 * @property {AbortSignal} [signal] ends the call, which then rejects with the signal's reason
 */

export const MAX_BULK = 1000;
const LOOKUP_DEADLINE = 1; // seconds: a phone is about to ring
const DEADLINE = 10; // seconds, for calls without a ringing phone
const DOWNLOAD_DEADLINE = 600; // seconds, for a snapshot over a slow line
const MAX_SNAPSHOT = 512 * 1024 * 1024; // bytes unpacked: a hundred million numbers, or a bomb
const RETRIES = 2;

/**
 * Talks to a Ringscore server, from Node or a browser.
 *
 * Every method rejects with a RingscoreError: `Unavailable` when no answer came, `Refused` when the
 * server refused the request. Only requests that are safe to repeat are sent again: those that read,
 * those with an Idempotency-Key, and a withdrawal.
 */
export class Client {
  #transport;

  /**
   * @param {string} baseUrl such as https://ringscore.example
   * @param {Options} [options]
   */
  constructor(baseUrl, options = {}) {
    let url;
    try {
      url = new URL(baseUrl);
    } catch {
      url = null;
    }
    // With /v1, which some copy from the API's address, every request would be not found.
    const whole = url && /^https?:$/.test(url.protocol) && !url.search && !url.hash;
    if (!url || !whole || /\/v1\/*$/.test(url.pathname)) {
      throw new TypeError(
        `baseUrl is ${JSON.stringify(baseUrl)}: give scheme and host, such as ` +
          "https://ringscore.example, without /v1",
      );
    }
    const { region = "", retries = RETRIES } = options;
    const key = (options.key ?? "").trim(); // a file that holds one ends with a line's end
    const { lookupDeadline = LOOKUP_DEADLINE, deadline = DEADLINE } = options;
    for (const seconds of [lookupDeadline, deadline]) aboveZero(seconds);
    // No header can carry others, such as the dots of "rsk_…".
    if (!/^[!-~]*$/.test(key)) {
      throw new TypeError("key has characters that no key has: give it as you got it, rsk_ and all");
    }
    this.baseUrl = url.href.replace(/\/+$/, "");
    this.region = region;
    this.lookupDeadline = lookupDeadline;
    this.deadline = deadline;
    this.retries = retries;
    const fetcher = options.fetch ?? globalThis.fetch.bind(globalThis);
    this.#transport = new Transport(this.baseUrl, key, fetcher);
  }

  /**
   * With RINGSCORE_URL, RINGSCORE_KEY and RINGSCORE_REGION. Only where there is an environment: Node.
   *
   * @param {Options} [options] come before the environment
   */
  static fromEnv(options = {}) {
    const { env = {} } = /** @type {any} */ (globalThis).process ?? {};
    if (!env.RINGSCORE_URL) throw new TypeError("there is no server: set RINGSCORE_URL");
    const { RINGSCORE_KEY: key = "", RINGSCORE_REGION: region = "" } = env;
    return new this(env.RINGSCORE_URL, { key, region, ...options });
  }

  /**
   * The answer about a number, in any notation. An unknown number is no error.
   *
   * @param {string} number
   * @param {CallOptions & { region?: string, attestation?: string, callerName?: string }} [options]
   *   attestation: the network's verdict on this call: A, B, C, failed, none, or a SIP verstat;
   *   callerName: the name that the caller shows, for the names on your own list
   * @returns {Promise<Answer>}
   */
  async lookup(number, options = {}) {
    const { region = this.region, attestation = "", callerName = "", ...more } = options;
    const path = pathOf(number);
    const query = { region, attestation, caller_name: callerName };
    const terms = { deadline: this.lookupDeadline, ...more };
    return answer(await this.#call({ method: "GET", path, query }, terms));
  }

  /**
   * 1 to 1,000 numbers at once, answered in order. Needs a key.
   *
   * @param {Iterable<string>} numbers
   * @param {CallOptions & { region?: string }} [options]
   * @returns {Promise<(Answer | Unreadable)[]>}
   */
  async lookupMany(numbers, { region = this.region, ...more } = {}) {
    const texts = typeof numbers === "string" ? [numbers] : [...numbers];
    if (texts.length < 1 || texts.length > MAX_BULK) {
      throw new RangeError(`lookupMany takes 1 to ${MAX_BULK} numbers, got ${texts.length}`);
    }
    const body = JSON.stringify({ numbers: texts, ...(region ? { region } : {}) });
    const found = await this.#call({ method: "POST", path: "/v1/numbers/lookup", body }, more);
    const { results } = shaped(found, "bulk lookup", { results: Array.isArray });
    if (results.length !== texts.length) {
      throw new BadAnswer(`Asked for ${texts.length} numbers, the server answered ${results.length}.`);
    }
    return results;
  }

  /**
   * A page of the reports about a number. Pass `next` of one page as `cursor`.
   *
   * @param {string} number
   * @param {CallOptions & { region?: string, cursor?: string }} [options]
   * @returns {Promise<PublicReports>}
   */
  async reportsOf(number, { region = this.region, cursor = "", ...more } = {}) {
    const path = `${pathOf(number)}/reports`;
    const found = await this.#call({ method: "GET", path, query: { region, cursor } }, more);
    return shaped(found, "page of reports", { results: Array.isArray });
  }

  /**
   * Reports a number; a second report of yours updates the first. Needs a key.
   *
   * Each call carries an Idempotency-Key, so a retry never counts twice. To send a report again later,
   * keep `statement` and the key, and use `sendReport`.
   *
   * @param {string} number
   * @param {Category} category
   * @param {CallOptions & { idempotencyKey?: string } & Partial<Omit<Statement, "number" | "category">>} [options]
   * @returns {Promise<Receipt>}
   */
  async report(number, category, { idempotencyKey, deadline, signal, ...more } = {}) {
    const region = this.region ? { region: this.region } : {};
    const statement = { number, category, ...region, ...more };
    const options = { ...(deadline ? { deadline } : {}), ...(signal ? { signal } : {}) };
    return this.sendReport(/** @type {Statement} */ (statement), idempotencyKey ?? newKey(), options);
  }

  /**
   * Sends a report under its own key. The same statement under the same key counts once.
   *
   * @param {Statement} statement
   * @param {string} idempotencyKey up to 255 printable ASCII characters
   * @param {CallOptions} [options]
   * @returns {Promise<Receipt>}
   */
  async sendReport(statement, idempotencyKey, options = {}) {
    const headers = { "Idempotency-Key": idempotencyKey };
    const body = JSON.stringify(statement);
    const found = await this.#call({ method: "POST", path: "/v1/reports", body, headers }, options);
    return shaped(found, "receipt", { id: isText });
  }

  /**
   * A report of yours. Rejects with NotFound for other people's reports.
   *
   * @param {string} reportId
   * @param {CallOptions} [options]
   * @returns {Promise<OwnReport>}
   */
  async myReport(reportId, options = {}) {
    const path = `/v1/reports/${encodeURIComponent(reportId)}`;
    return shaped(await this.#call({ method: "GET", path }, options), "report", { id: isText });
  }

  /**
   * Withdraws a report of yours: it stops counting. Doing so twice is no error.
   *
   * @param {string} reportId
   * @param {CallOptions} [options]
   * @returns {Promise<void>}
   */
  async withdraw(reportId, options = {}) {
    await this.#call({ method: "DELETE", path: `/v1/reports/${encodeURIComponent(reportId)}` }, options);
  }

  /**
   * What your key's owner blocks and lets through, made at /my/list. Needs a key.
   *
   * @param {CallOptions} [options]
   * @returns {Promise<OwnList>}
   */
  async ownList(options = {}) {
    const found = await this.#call({ method: "GET", path: "/v1/me/list" }, options);
    return shaped(found, "list", { rules: Array.isArray });
  }

  /**
   * The feeds of the server. Needs a key with the scope `feed`, as `changes` and snapshots do.
   *
   * @param {CallOptions} [options]
   * @returns {Promise<FeedInfo[]>}
   */
  async feeds(options = {}) {
    const found = await this.#call({ method: "GET", path: "/v1/feeds" }, options);
    return shaped(found, "list of feeds", { feeds: Array.isArray }).feeds;
  }

  /**
   * A page of a feed's changes. Rejects with CursorExpired when a snapshot is needed.
   *
   * @param {string} feed
   * @param {number} since
   * @param {CallOptions} [options]
   * @returns {Promise<ChangesPage>}
   */
  async changes(feed, since, options = {}) {
    const path = `/v1/feeds/${encodeURIComponent(feed)}/changes`;
    const query = { since: String(since) };
    return shaped(await this.#call({ method: "GET", path, query }, options), "page of changes", {
      changes: Array.isArray,
      cursor: isCount,
      checksum: (value) => /^[0-9a-f]{64}$/.test(String(value)),
      min_wait: (value) => typeof value === "number" && value >= 0,
    });
  }

  /**
   * A feed's newest snapshot (docs/guide/feeds-format.md), not yet verified.
   *
   * @param {string} feed
   * @param {CallOptions} [options]
   * @returns {Promise<Uint8Array<ArrayBuffer>>}
   */
  async downloadSnapshot(feed, { deadline = DOWNLOAD_DEADLINE, signal } = {}) {
    const call = {
      method: "GET",
      path: `/v1/feeds/${encodeURIComponent(feed)}/snapshot`,
      query: { format: "roaring" },
      headers: { Accept: "application/octet-stream" },
      redirects: true,
      most: MAX_SNAPSHOT,
    };
    aboveZero(deadline);
    return (await this.#transport.bytes(call, { deadline, retries: 0, signal })).body;
  }

  /** @param {import("./transport.js").Call} call @param {CallOptions} options */
  #call(call, { deadline = this.deadline, signal }) {
    aboveZero(deadline);
    return this.#transport.json(call, { deadline, retries: this.retries, signal });
  }
}

/** @param {unknown} found @returns {Answer} */
function answer(found) {
  const isAction = (/** @type {unknown} */ value) => /^(allow|flag|block)$/.test(String(value));
  return shaped(found, "answer about a number", { number: isText, action: isAction });
}

/**
 * An answer whose decisive fields are there. What else is in it is the API document's word.
 *
 * @param {unknown} found
 * @param {string} what
 * @param {Record<string, (value: unknown) => boolean>} fields
 * @returns {any}
 */
function shaped(found, what, fields) {
  for (const [name, holds] of Object.entries(fields)) {
    if (!holds(/** @type {any} */ (found)?.[name])) {
      throw new BadAnswer(`The server's answer is no ${what}: its ${name} is not what it should be.`);
    }
  }
  return found;
}

/**
 * The path of a number. An empty one would lead to another path.
 *
 * @param {string} number
 */
function pathOf(number) {
  if (!textOf(number).trim()) {
    throw new InvalidNumber("The number is empty: there is none to ask about.", "empty");
  }
  return `/v1/numbers/${encodeURIComponent(number)}`;
}

/** @param {unknown} value */
function isText(value) {
  return typeof value === "string" && value !== "";
}

/** @param {unknown} value */
function isCount(value) {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

/** @param {number} seconds */
function aboveZero(seconds) {
  if (!(seconds > 0)) throw new RangeError("deadlines are seconds above 0");
}

/** 128 random bits. crypto.randomUUID is not there on pages without TLS. */
function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
