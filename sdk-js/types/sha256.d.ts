/**
 * The digest of some bytes, as eight 32-bit words, the highest first.
 *
 * @param {Uint8Array} bytes
 */
export function sha256(bytes: Uint8Array): Uint32Array<ArrayBuffer>;
