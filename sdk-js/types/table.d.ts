/** Lookups by canonical key. */
export class Table {
    /**
     * @param {Listed} listed
     * @param {Changes} changes
     * @param {number} cursor
     * @param {bigint} checksum
     */
    constructor(listed: Listed, changes: Changes, cursor: number, checksum: bigint);
    listed: Listed;
    changes: Changes;
    cursor: number;
    checksum: bigint;
    /** @type {Map<string, Action>} */
    others: Map<string, Action>;
    /**
     * What is listed under a key; null when it is not.
     *
     * @param {string} key
     * @returns {Action | null}
     */
    action(key: string): Action | null;
    /** How many keys are listed. */
    get count(): number;
    /**
     * Every entry, in no particular order.
     *
     * @returns {Generator<[Action, string]>}
     */
    entries(): Generator<[Action, string]>;
    /**
     * The table after some changes; this one stays as it is. Throws ChecksumMismatch.
     *
     * @param {Changes} changes
     * @param {number} cursor
     * @param {bigint} checksum
     */
    changed(changes: Changes, cursor: number, checksum: bigint): Table;
    /** The same entries, without changes beside them. */
    merged(): Table;
    /** Recomputes the checksum of all entries. Throws ChecksumMismatch. */
    verify(): void;
    #private;
}
export type Action = import("./snapshot.js").Action;
export type Listed = Pick<import("./snapshot.js").Snapshot, "numbers" | "others">;
/**
 * null removes a key
 */
export type Changes = ReadonlyMap<string, Action | null>;
