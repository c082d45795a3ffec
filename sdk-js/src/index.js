/** Ask Ringscore who is calling: online, or from a local mirror. */

export { Client, MAX_BULK } from "./client.js";
export * from "./errors.js";
export { Mirror } from "./mirror.js";
export { canonical } from "./numbers.js";

/**
 * The shapes of the API, as the service publishes them in docs/openapi.yaml.
 *
 * @typedef {import("../types/api.js").components["schemas"]} Schemas
 * @typedef {import("./client.js").Answer} Answer
 * @typedef {import("./client.js").CallOptions} CallOptions
 * @typedef {import("./client.js").Category} Category
 * @typedef {import("./client.js").ChangesPage} ChangesPage
 * @typedef {import("./client.js").FeedInfo} FeedInfo
 * @typedef {import("./client.js").Options} Options
 * @typedef {import("./client.js").OwnList} OwnList
 * @typedef {import("./client.js").OwnReport} OwnReport
 * @typedef {import("./client.js").PublicReports} PublicReports
 * @typedef {import("./client.js").Receipt} Receipt
 * @typedef {import("./client.js").Statement} Statement
 * @typedef {import("./client.js").Unreadable} Unreadable
 * @typedef {import("./mirror.js").MirrorState} MirrorState
 * @typedef {import("./mirror.js").MirrorStatus} MirrorStatus
 * @typedef {import("./mirror.js").SyncResult} SyncResult
 * @typedef {import("./snapshot.js").Action} Action
 */
