export * from "./errors.js";
export { Mirror } from "./mirror.js";
export { canonical } from "./numbers.js";
/**
 * The shapes of the API, as the service publishes them in docs/openapi.yaml.
 */
export type Schemas = import("../types/api.js").components["schemas"];
/**
 * The shapes of the API, as the service publishes them in docs/openapi.yaml.
 */
export type Answer = import("./client.js").Answer;
/**
 * The shapes of the API, as the service publishes them in docs/openapi.yaml.
 */
export type CallOptions = import("./client.js").CallOptions;
/**
 * The shapes of the API, as the service publishes them in docs/openapi.yaml.
 */
export type Category = import("./client.js").Category;
/**
 * The shapes of the API, as the service publishes them in docs/openapi.yaml.
 */
export type ChangesPage = import("./client.js").ChangesPage;
/**
 * The shapes of the API, as the service publishes them in docs/openapi.yaml.
 */
export type FeedInfo = import("./client.js").FeedInfo;
/**
 * The shapes of the API, as the service publishes them in docs/openapi.yaml.
 */
export type Options = import("./client.js").Options;
/**
 * The shapes of the API, as the service publishes them in docs/openapi.yaml.
 */
export type OwnList = import("./client.js").OwnList;
/**
 * The shapes of the API, as the service publishes them in docs/openapi.yaml.
 */
export type OwnReport = import("./client.js").OwnReport;
/**
 * The shapes of the API, as the service publishes them in docs/openapi.yaml.
 */
export type PublicReports = import("./client.js").PublicReports;
/**
 * The shapes of the API, as the service publishes them in docs/openapi.yaml.
 */
export type Receipt = import("./client.js").Receipt;
/**
 * The shapes of the API, as the service publishes them in docs/openapi.yaml.
 */
export type Statement = import("./client.js").Statement;
/**
 * The shapes of the API, as the service publishes them in docs/openapi.yaml.
 */
export type Unreadable = import("./client.js").Unreadable;
/**
 * The shapes of the API, as the service publishes them in docs/openapi.yaml.
 */
export type MirrorState = import("./mirror.js").MirrorState;
/**
 * The shapes of the API, as the service publishes them in docs/openapi.yaml.
 */
export type MirrorStatus = import("./mirror.js").MirrorStatus;
/**
 * The shapes of the API, as the service publishes them in docs/openapi.yaml.
 */
export type SyncResult = import("./mirror.js").SyncResult;
/**
 * The shapes of the API, as the service publishes them in docs/openapi.yaml.
 */
export type Action = import("./snapshot.js").Action;
export { Client, MAX_BULK } from "./client.js";
