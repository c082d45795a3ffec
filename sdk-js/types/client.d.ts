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
export const MAX_BULK: 1000;
/**
 * Talks to a Ringscore server, from Node or a browser.
 *
 * Every method rejects with a RingscoreError: `Unavailable` when no answer came, `Refused` when the
 * server refused the request. Only requests that are safe to repeat are sent again: those that read,
 * those with an Idempotency-Key, and a withdrawal.
 */
export class Client {
    /**
     * With RINGSCORE_URL, RINGSCORE_KEY and RINGSCORE_REGION. Only where there is an environment: Node.
     *
     * @param {Options} [options] come before the environment
     */
    static fromEnv(options?: Options): Client;
    /**
     * @param {string} baseUrl such as https://ringscore.example
     * @param {Options} [options]
     */
    constructor(baseUrl: string, options?: Options);
    baseUrl: string;
    region: string;
    lookupDeadline: number;
    deadline: number;
    retries: number;
    /**
     * The answer about a number, in any notation. An unknown number is no error.
     *
     * @param {string} number
     * @param {CallOptions & { region?: string, attestation?: string, callerName?: string }} [options]
     *   attestation: the network's verdict on this call: A, B, C, failed, none, or a SIP verstat;
     *   callerName: the name that the caller shows, for the names on your own list
     * @returns {Promise<Answer>}
     */
    lookup(number: string, options?: CallOptions & {
        region?: string;
        attestation?: string;
        callerName?: string;
    }): Promise<Answer>;
    /**
     * 1 to 1,000 numbers at once, answered in order. Needs a key.
     *
     * @param {Iterable<string>} numbers
     * @param {CallOptions & { region?: string }} [options]
     * @returns {Promise<(Answer | Unreadable)[]>}
     */
    lookupMany(numbers: Iterable<string>, { region, ...more }?: CallOptions & {
        region?: string;
    }): Promise<(Answer | Unreadable)[]>;
    /**
     * A page of the reports about a number. Pass `next` of one page as `cursor`.
     *
     * @param {string} number
     * @param {CallOptions & { region?: string, cursor?: string }} [options]
     * @returns {Promise<PublicReports>}
     */
    reportsOf(number: string, { region, cursor, ...more }?: CallOptions & {
        region?: string;
        cursor?: string;
    }): Promise<PublicReports>;
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
    report(number: string, category: Category, { idempotencyKey, deadline, signal, ...more }?: CallOptions & {
        idempotencyKey?: string;
    } & Partial<Omit<Statement, "number" | "category">>): Promise<Receipt>;
    /**
     * Sends a report under its own key. The same statement under the same key counts once.
     *
     * @param {Statement} statement
     * @param {string} idempotencyKey up to 255 printable ASCII characters
     * @param {CallOptions} [options]
     * @returns {Promise<Receipt>}
     */
    sendReport(statement: Statement, idempotencyKey: string, options?: CallOptions): Promise<Receipt>;
    /**
     * A report of yours. Rejects with NotFound for other people's reports.
     *
     * @param {string} reportId
     * @param {CallOptions} [options]
     * @returns {Promise<OwnReport>}
     */
    myReport(reportId: string, options?: CallOptions): Promise<OwnReport>;
    /**
     * Withdraws a report of yours: it stops counting. Doing so twice is no error.
     *
     * @param {string} reportId
     * @param {CallOptions} [options]
     * @returns {Promise<void>}
     */
    withdraw(reportId: string, options?: CallOptions): Promise<void>;
    /**
     * What your key's owner blocks and lets through, made at /my/list. Needs a key.
     *
     * @param {CallOptions} [options]
     * @returns {Promise<OwnList>}
     */
    ownList(options?: CallOptions): Promise<OwnList>;
    /**
     * The feeds of the server. Needs a key with the scope `feed`, as `changes` and snapshots do.
     *
     * @param {CallOptions} [options]
     * @returns {Promise<FeedInfo[]>}
     */
    feeds(options?: CallOptions): Promise<FeedInfo[]>;
    /**
     * A page of a feed's changes. Rejects with CursorExpired when a snapshot is needed.
     *
     * @param {string} feed
     * @param {number} since
     * @param {CallOptions} [options]
     * @returns {Promise<ChangesPage>}
     */
    changes(feed: string, since: number, options?: CallOptions): Promise<ChangesPage>;
    /**
     * A feed's newest snapshot (docs/guide/feeds-format.md), not yet verified.
     *
     * @param {string} feed
     * @param {CallOptions} [options]
     * @returns {Promise<Uint8Array<ArrayBuffer>>}
     */
    downloadSnapshot(feed: string, { deadline, signal }?: CallOptions): Promise<Uint8Array<ArrayBuffer>>;
    #private;
}
export type Schemas = import("../types/api.js").components["schemas"];
/**
 * what is known of a number
 */
export type Answer = Schemas["NumberAnswer"];
/**
 * an unreadable input in a bulk answer
 */
export type Unreadable = Schemas["NotANumber"];
/**
 * a report to be made
 */
export type Statement = Schemas["ReportRequest"];
/**
 * the result of a report
 */
export type Receipt = Schemas["ReportReceipt"];
/**
 * a report of yours, as the server holds it
 */
export type OwnReport = Schemas["OwnReport"];
/**
 * a page of a number's reports
 */
export type PublicReports = Schemas["PublicReports"];
/**
 * what you block and let through
 */
export type OwnList = Schemas["OwnList"];
/**
 * a feed of the server
 */
export type FeedInfo = Schemas["Feed"];
/**
 * a page of a feed's changes
 */
export type ChangesPage = Schemas["FeedChanges"];
export type Category = Statement["category"];
export type Options = {
    /**
     * an API key; single lookups work without one, at a lower limit
     */
    key?: string;
    /**
     * ISO alpha-2, the country of national formats; else the key's own
     */
    region?: string;
    /**
     * seconds for a lookup in all, retries included; 1 unless given
     */
    lookupDeadline?: number;
    /**
     * seconds for any other call in all; 10 unless given
     */
    deadline?: number;
    /**
     * how often at most a request is sent again; 2 unless given
     */
    retries?: number;
    /**
     * for tests, and for proxies of your own
     */
    fetch?: typeof fetch;
};
export type CallOptions = {
    /**
     * seconds for this call
     */
    deadline?: number;
    /**
     * ends the call, which then rejects with the signal's reason
     */
    signal?: AbortSignal;
};
