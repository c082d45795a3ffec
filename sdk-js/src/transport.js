/** Requests: deadlines, retries, and the reading of errors. */

import {
  BadAnswer,
  Conflict,
  CursorExpired,
  DeadlineExceeded,
  InvalidNumber,
  KeyRejected,
  NotFound,
  RateLimited,
  Refused,
  RequestInvalid,
  RingscoreError,
  ServerFailed,
  Unreachable,
} from "./errors.js";

// The largest honest answer is a page of 10,000 changes, about 1 MB.
const MAX_BODY = 8 * 1024 * 1024;
const FIRST_PAUSE = 0.1; // seconds before the first retry, doubled for each further one
const LONGEST_TIMER = 2 ** 31 - 1; // milliseconds; a longer one would end at once

/**
 * One request. It is safe to send again: it reads, carries an Idempotency-Key, or has no effect the
 * second time.
 *
 * @typedef {object} Call
 * @property {string} method
 * @property {string} path
 * @property {Record<string, string>} [query]
 * @property {string} [body] JSON
 * @property {Record<string, string>} [headers]
 * @property {boolean} [redirects] whether to follow redirects
 * @property {number} [most] bytes of the answer
 */

/**
 * @typedef {object} Terms
 * @property {number} deadline seconds in all
 * @property {number} retries how often at most the request is sent again
 * @property {AbortSignal | undefined} signal the caller's own
 */

/** What a server answered, within its deadline. */
export class Transport {
  /** @param {string} baseUrl @param {string} key @param {typeof fetch} fetcher */
  constructor(baseUrl, key, fetcher) {
    this.baseUrl = baseUrl;
    this.key = key;
    this.fetch = fetcher;
  }

  /**
   * The decoded JSON of an answer; undefined without a body.
   *
   * @param {Call} call
   * @param {Terms} terms
   * @returns {Promise<unknown>}
   */
  async json(call, terms) {
    const { headers, body } = await this.bytes(call, terms);
    return body.length ? decode(headers, body) : undefined;
  }

  /**
   * Headers and body of an answer. Throws RingscoreError, or the reason of the caller's signal.
   *
   * @param {Call} call
   * @param {Terms} terms
   */
  async bytes(call, { deadline, retries, signal }) {
    signal?.throwIfAborted();
    const ended = new AbortController();
    const end = () => ended.abort();
    const timer = setTimeout(end, Math.min(deadline * 1000, LONGEST_TIMER));
    signal?.addEventListener("abort", end);
    const until = performance.now() + deadline * 1000;
    try {
      for (let attempt = 0; ; attempt++) {
        try {
          return await this.#once(call, ended.signal);
        } catch (error) {
          signal?.throwIfAborted();
          if (ended.signal.aborted) {
            throw new DeadlineExceeded(`No answer within ${deadline} s.`);
          }
          const pause = pauseAfter(error, attempt);
          const last = attempt >= retries;
          if (pause === null || last || performance.now() + pause * 1000 >= until) throw error;
          await sleep(pause, ended.signal);
          signal?.throwIfAborted();
        }
      }
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
    }
  }

  /** @param {Call} call @param {AbortSignal} signal */
  async #once(call, signal) {
    const url = new URL(this.baseUrl + call.path);
    for (const [name, value] of Object.entries(call.query ?? {})) {
      if (value) url.searchParams.set(name, value);
    }
    /** @type {Record<string, string>} */
    const headers = { Accept: "application/json", ...call.headers };
    if (this.key) headers.Authorization = `Bearer ${this.key}`;
    if (call.body !== undefined) headers["Content-Type"] = "application/json";
    let response, body;
    try {
      response = await this.fetch(url, {
        method: call.method,
        headers,
        ...(call.body === undefined ? {} : { body: call.body }),
        redirect: call.redirects ? "follow" : "manual",
        credentials: "omit", // no cookies: a key is all that the service wants
        ...uncached(),
        signal,
      });
      body = await read(response, call.most ?? MAX_BODY);
    } catch (error) {
      if (error instanceof RingscoreError) throw error;
      throw new Unreachable(`The server cannot be reached: ${words(error)}`, { cause: error });
    }
    try {
      if (!response.ok) throw errorOf(response.status, response.headers, body);
      return { headers: response.headers, body };
    } catch (error) {
      if (error instanceof RingscoreError) error.requestId = idOf(response.headers);
      throw error;
    }
  }
}

/**
 * Answers come from the service, not from a browser's cache. Cloudflare Workers with a compatibility
 * date before November 2024 know no cache, and refuse the option.
 *
 * @returns {RequestInit}
 */
function uncached() {
  return "cache" in Request.prototype ? { cache: "no-store" } : {};
}

/** @param {Response} response @param {number} most @returns {Promise<Uint8Array<ArrayBuffer>>} */
async function read(response, most) {
  if (!response.body) return new Uint8Array(0);
  const pieces = [];
  let size = 0;
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    if (size > most) {
      await reader.cancel();
      throw new BadAnswer(`The answer is larger than ${most} bytes.`);
    }
    pieces.push(value);
  }
  const whole = new Uint8Array(size);
  let place = 0;
  for (const piece of pieces) {
    whole.set(piece, place);
    place += piece.length;
  }
  return whole;
}

/** @param {Headers} headers @param {Uint8Array} body @returns {unknown} */
function decode(headers, body) {
  const kind = (headers.get("content-type") ?? "").split(";")[0]?.trim() ?? "";
  const requestId = idOf(headers);
  if (kind !== "application/json" && kind !== "application/problem+json") {
    throw bad(
      `The answer is ${kind || "of no type"}, not JSON: is there a portal or proxy between, and is ` +
        "this the address of a Ringscore server?",
      requestId,
    );
  }
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch (error) {
    throw bad(`The answer is not valid JSON: ${words(error)}`, requestId);
  }
}

/** @param {string} message @param {string} requestId */
function bad(message, requestId) {
  const error = new BadAnswer(message);
  error.requestId = requestId;
  return error;
}

/** @param {Headers} headers */
function idOf(headers) {
  return headers.get("x-request-id") ?? "";
}

/** @param {unknown} error */
function words(error) {
  if (!(error instanceof Error)) return String(error);
  // Node hides the reason, such as ECONNREFUSED, behind "fetch failed".
  const { cause } = error;
  return cause instanceof Error && cause.message ? cause.message : error.message;
}

/**
 * What to say of an answer that leads elsewhere, mostly from http to https. No redirect is
 * followed: a key and a number go to no server that nobody named.
 *
 * @param {number} status
 * @param {string} location
 */
function redirected(status, location) {
  if (status === 0) {
    // A browser hides the rest.
    return "The server redirects, mostly from http to https: give the address to which it leads.";
  }
  const to = /^(https?:\/\/)(?:[^/?#]*@)?([^/?#]+)/i.exec(location);
  return to
    ? `The server redirects to ${to[1]}${to[2]}: if that is the service, give that address.`
    : `Status ${status} is no answer that the contract knows.`;
}

/**
 * The error for an answer other than 2xx.
 *
 * @param {number} status
 * @param {Headers} headers
 * @param {Uint8Array} body
 */
export function errorOf(status, headers, body) {
  const retryAfter = secondsOf(headers.get("retry-after"), headers.get("date"));
  if (status >= 500) {
    const id = idOf(headers);
    const named = id ? ` (request ${id})` : "";
    return new ServerFailed(`The server failed with status ${status}${named}.`, status, retryAfter);
  }
  if (status < 400) return new BadAnswer(redirected(status, headers.get("location") ?? ""));
  const problem = problemOf(status, headers, body);
  if (!problem) {
    return new BadAnswer(
      `Status ${status} without problem details: is this the address of a Ringscore server?`,
    );
  }
  if (problem.type.endsWith(":invalid-number")) {
    return new InvalidNumber(problem.detail, "invalid-number");
  }
  switch (status) {
    case 400:
    case 413:
    case 415:
    case 422:
      return new RequestInvalid(problem);
    case 401:
    case 403:
      return new KeyRejected(problem);
    case 404:
      return new NotFound(problem);
    case 409:
      return new Conflict(problem);
    case 410:
      return new CursorExpired(problem.detail);
    case 429:
      return new RateLimited(problem, retryAfter ?? 1);
    default:
      return new Refused(problem);
  }
}

/**
 * @param {number} status
 * @param {Headers} headers
 * @param {Uint8Array} body
 * @returns {import("./errors.js").Problem | null}
 */
function problemOf(status, headers, body) {
  let found;
  try {
    found = /** @type {any} */ (decode(headers, body));
  } catch {
    found = null;
  }
  if (typeof found?.detail === "string" && typeof found.type === "string") {
    return { ...found, errors: Array.isArray(found.errors) ? found.errors : [] };
  }
  if (status !== 429) return null;
  // A proxy in front counts requests too.
  return {
    type: "urn:ringscore:problem:rate-limited",
    title: "Too Many Requests",
    status,
    detail: "Too many requests.",
    request_id: idOf(headers),
  };
}

/**
 * Seconds from Retry-After, a number or a date; a date by the server's clock, if it tells the time, since
 * ours may be days off.
 *
 * @param {string | null} value
 * @param {string | null} date
 */
function secondsOf(value, date) {
  if (value === null) return null;
  if (/^\d+$/.test(value)) return Number(value);
  const [moment, now] = [Date.parse(value), Date.parse(date ?? "")];
  if (Number.isNaN(moment)) return null;
  return Math.max((moment - (Number.isNaN(now) ? Date.now() : now)) / 1000, 0);
}

/** Seconds until another attempt; null when none would help. @param {unknown} error @param {number} attempt */
function pauseAfter(error, attempt) {
  if (error instanceof RateLimited) return error.retryAfter;
  if (error instanceof ServerFailed && error.retryAfter !== null) return error.retryAfter;
  if (error instanceof Unreachable || error instanceof ServerFailed) {
    // Between half and all of it, so that clients cut off together do not return together.
    return FIRST_PAUSE * 2 ** attempt * (0.5 + Math.random() / 2);
  }
  return null;
}

/**
 * Waits, or until the signal.
 *
 * @param {number} seconds
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 */
export function sleep(seconds, signal) {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, Math.min(seconds * 1000, LONGEST_TIMER));
    signal.addEventListener("abort", done);
  });
}
