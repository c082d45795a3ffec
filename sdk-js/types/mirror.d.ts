/**
 * A feed in memory, 8 bytes a number. `action` never waits, not even for a sync in progress.
 */
export class Mirror {
    /**
     * A mirror that goes on from an earlier one's `state`. Throws ChecksumMismatch if that is of another
     * server or feed: begin without it then. `verify` finds out whether it was altered meanwhile.
     *
     * @param {import("./client.js").Client} client
     * @param {MirrorState} state
     * @param {{ feed?: string, staleAfter?: number }} [options]
     */
    static from(client: import("./client.js").Client, state: MirrorState, options?: {
        feed?: string;
        staleAfter?: number;
    }): Mirror;
    /**
     * @param {import("./client.js").Client} client the source of updates
     * @param {{ feed?: string, staleAfter?: number }} [options] feed: its name on the server;
     *   staleAfter: age in seconds from which the mirror is stale
     */
    constructor(client: import("./client.js").Client, { feed, staleAfter }?: {
        feed?: string;
        staleAfter?: number;
    });
    feed: string;
    staleAfter: number;
    /**
     * What to do with a call from a canonical key (`canonical` makes one); null when it is not listed.
     * Throws MirrorEmpty until something was downloaded.
     *
     * @param {string} key
     * @returns {Action | null}
     */
    action(key: string): Action | null;
    /**
     * `action` for each of many keys.
     *
     * @param {Iterable<string>} keys
     * @returns {(Action | null)[]}
     */
    actions(keys: Iterable<string>): (Action | null)[];
    /** All listed keys with their actions, in no particular order. Throws MirrorEmpty. */
    entries(): Generator<[import("./snapshot.js").Action, string], any, any>;
    /** The mirror's content and age. Throws MirrorEmpty. @returns {MirrorStatus} */
    status(): MirrorStatus;
    /** Whether the server's last confirmation is too old. Throws MirrorEmpty. */
    get stale(): boolean;
    /** Whether nothing was downloaded yet. */
    get empty(): boolean;
    /**
     * Recomputes the checksum of all entries: about two seconds for a million. Throws ChecksumMismatch,
     * MirrorEmpty.
     */
    verify(): void;
    /** What to keep for `Mirror.from`. Throws MirrorEmpty. @returns {MirrorState} */
    state(): MirrorState;
    /**
     * Brings the mirror up to date: by changes if possible, else by a snapshot. A failed sync leaves the
     * earlier state. Two syncs at the same time are one, which the first's signal ends.
     *
     * @param {{ signal?: AbortSignal }} [options]
     * @returns {Promise<SyncResult>}
     */
    sync(options?: {
        signal?: AbortSignal;
    }): Promise<SyncResult>;
    /**
     * Syncs until the signal, no more often than the server allows. After an error it waits, twice as
     * long each time up to an hour.
     *
     * @param {AbortSignal} signal
     * @param {{ onSync?: (result: SyncResult) => void, onError?: (error: RingscoreError, seconds: number) => void }} [options]
     *   onError gets the error and the seconds until the next attempt
     * @returns {Promise<void>}
     */
    run(signal: AbortSignal, { onSync, onError }?: {
        onSync?: (result: SyncResult) => void;
        onError?: (error: RingscoreError, seconds: number) => void;
    }): Promise<void>;
    #private;
}
export type Action = import("./snapshot.js").Action;
/**
 * A mirror's content and age.
 */
export type MirrorStatus = {
    cursor: number;
    count: number;
    /**
     * the server's last confirmation
     */
    syncedAt: Date;
    /**
     * seconds since then
     */
    age: number;
    /**
     * whether that is too old
     */
    stale: boolean;
};
export type SyncResult = {
    /**
     * whether a snapshot was taken
     */
    snapshot: boolean;
    changes: number;
    cursor: number;
    /**
     * seconds to leave until the next sync
     */
    minWait: number;
};
/**
 * What to keep of a mirror between two runs. It survives a structured clone: IndexedDB takes it as it
 * is, and in Node `v8.serialize` makes bytes of it.
 */
export type MirrorState = {
    version: 1;
    server: string;
    feed: string;
    cursor: number;
    checksum: bigint;
    /**
     * milliseconds since the epoch
     */
    syncedAt: number;
    numbers: import("./table.js").Listed["numbers"];
    others: import("./table.js").Listed["others"];
};
import { RingscoreError } from "./errors.js";
