/**
 * A snapshot from its bytes. Throws SnapshotCorrupt.
 *
 * @param {Uint8Array} file
 * @returns {Snapshot}
 */
export function parse(file: Uint8Array): Snapshot;
/**
 * The values of a Roaring bitmap in the portable 64-bit serialisation, ascending.
 *
 * @param {Uint8Array} payload
 * @param {number} count as the section announces it
 */
export function roaring64(payload: Uint8Array, count: number): Float64Array<ArrayBuffer>;
/**
 * what to do with a listed number's call
 */
export type Action = "flag" | "block";
export type ByAction<T> = { [action in Action]: T; };
/**
 * A feed's state at `cursor`: ascending digits of E.164 numbers, and other keys, by action.
 */
export type Snapshot = {
    cursor: number;
    /**
     * seconds since the epoch
     */
    created: number;
    checksum: bigint;
    numbers: ByAction<Float64Array>;
    others: ByAction<string[]>;
};
