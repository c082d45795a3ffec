/**
 * The errors of this package, in one tree, under the names that the Python client has for them.
 *
 *     RingscoreError
 *       InvalidNumber         the text cannot be read as a number
 *       Unavailable           no answer: whether the server acted is unknown
 *         Unreachable         no connection, or it broke
 *         DeadlineExceeded    the time allowed is over
 *         ServerFailed        5xx
 *         BadAnswer           an answer that breaks the contract (HTML, for example)
 *       Refused               the server read the request and refused it: 4xx
 *         RequestInvalid      400, 413, 415, 422
 *         KeyRejected         401, 403
 *         NotFound            404
 *         Conflict            409: the present state does not allow it
 *         RateLimited         429
 *       FeedError             a mirror's data cannot be used
 *         SnapshotCorrupt     cut, altered, or of an unknown version
 *         ChecksumMismatch    changes that do not lead to the promised state
 *         CursorExpired       410: the changes since are gone, a snapshot is needed
 *         MirrorEmpty         nothing has been downloaded yet
 *
 * A call that its own AbortSignal ends rejects with the signal's reason, which is none of these.
 */
/** @typedef {import("../types/api.js").components["schemas"]["Problem"]} Problem */
/** Any error that this package throws on purpose. */
export class RingscoreError extends Error {
    /** @param {string} message @param {ErrorOptions} [options] */
    constructor(message: string, options?: ErrorOptions);
    /**
     * The id that the service gave the request. Its log has the same: quote it to whoever runs the
     * service. Empty when no answer came.
     */
    requestId: string;
}
/** The text cannot be read as a number. The message names the remedy. */
export class InvalidNumber extends RingscoreError {
    /** @param {string} message @param {string} code */
    constructor(message: string, code: string);
    /** The kind of problem: empty, withheld, region_required, or invalid-number of the server. */
    code: string;
}
/** No answer came. It is unknown whether a write took effect; sending it again is safe. */
export class Unavailable extends RingscoreError {
}
/** No connection could be made, or it broke. */
export class Unreachable extends Unavailable {
}
/** The time allowed for the call, retries included, is over. */
export class DeadlineExceeded extends Unavailable {
}
/** The server answered 5xx. */
export class ServerFailed extends Unavailable {
    /** @param {string} message @param {number} status @param {number | null} retryAfter */
    constructor(message: string, status: number, retryAfter: number | null);
    status: number;
    /** Seconds; null if the server did not say. */
    retryAfter: number | null;
}
/** An answer that breaks the contract: a captive portal's page, for instance. */
export class BadAnswer extends Unavailable {
}
/** The server read the request and refused it. */
export class Refused extends RingscoreError {
    /** @param {Problem} problem */
    constructor(problem: Problem);
    /** The whole body of the error: `problem.errors` has each field at fault. */
    problem: {
        type: string;
        title: string;
        status: number;
        detail: string;
        request_id: string;
        errors?: import("../types/api.js").components["schemas"]["FieldProblem"][];
    };
    /** The kind of problem, such as scope-missing. */
    code: string;
    /** The first field at fault, such as category; empty when it is no field. */
    field: string;
    /** A sentence that says what to change. */
    remedy: string;
}
/** The request is at fault. */
export class RequestInvalid extends Refused {
}
/** No key, an invalid key, or a key without the scope. */
export class KeyRejected extends Refused {
}
/** It does not exist, or it is not yours. */
export class NotFound extends Refused {
}
/** The present state does not allow it; `code` names that state. */
export class Conflict extends Refused {
}
/** Too many requests. */
export class RateLimited extends Refused {
    /** @param {Problem} problem @param {number} retryAfter */
    constructor(problem: Problem, retryAfter: number);
    /** Seconds. */
    retryAfter: number;
}
/** A mirror's data cannot be used. The mirror keeps its earlier data. */
export class FeedError extends RingscoreError {
}
/** A snapshot is cut, altered, or of a version that this package does not know. */
export class SnapshotCorrupt extends FeedError {
}
/** The changes do not lead to the promised state. */
export class ChecksumMismatch extends FeedError {
}
/** The changes since this mirror's cursor are gone: it needs a snapshot. */
export class CursorExpired extends FeedError {
}
/** Nothing has been downloaded yet: call `sync` first. */
export class MirrorEmpty extends FeedError {
}
export type Problem = import("../types/api.js").components["schemas"]["Problem"];
