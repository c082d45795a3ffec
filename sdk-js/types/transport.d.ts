/**
 * The error for an answer other than 2xx.
 *
 * @param {number} status
 * @param {Headers} headers
 * @param {Uint8Array} body
 */
export function errorOf(status: number, headers: Headers, body: Uint8Array): InvalidNumber | ServerFailed | BadAnswer | Refused | CursorExpired;
/**
 * Waits, or until the signal.
 *
 * @param {number} seconds
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 */
export function sleep(seconds: number, signal: AbortSignal): Promise<void>;
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
    constructor(baseUrl: string, key: string, fetcher: typeof fetch);
    baseUrl: string;
    key: string;
    fetch: typeof fetch;
    /**
     * The decoded JSON of an answer; undefined without a body.
     *
     * @param {Call} call
     * @param {Terms} terms
     * @returns {Promise<unknown>}
     */
    json(call: Call, terms: Terms): Promise<unknown>;
    /**
     * Headers and body of an answer. Throws RingscoreError, or the reason of the caller's signal.
     *
     * @param {Call} call
     * @param {Terms} terms
     */
    bytes(call: Call, { deadline, retries, signal }: Terms): Promise<{
        headers: Headers;
        body: Uint8Array<ArrayBuffer>;
    }>;
    #private;
}
/**
 * One request. It is safe to send again: it reads, carries an Idempotency-Key, or has no effect the
 * second time.
 */
export type Call = {
    method: string;
    path: string;
    query?: Record<string, string>;
    /**
     * JSON
     */
    body?: string;
    headers?: Record<string, string>;
    /**
     * whether to follow redirects
     */
    redirects?: boolean;
    /**
     * bytes of the answer
     */
    most?: number;
};
export type Terms = {
    /**
     * seconds in all
     */
    deadline: number;
    /**
     * how often at most the request is sent again
     */
    retries: number;
    /**
     * the caller's own
     */
    signal: AbortSignal | undefined;
};
import { InvalidNumber } from "./errors.js";
import { ServerFailed } from "./errors.js";
import { BadAnswer } from "./errors.js";
import { Refused } from "./errors.js";
import { CursorExpired } from "./errors.js";
