/**
 * The canonical key of a number, computed without the server; a mirror is asked by it.
 *
 * Reads a plus or 00 and 7 to 15 digits, however grouped, also inside `tel:` and `sip:` addresses, whole
 * or in part, and canonical keys themselves. National formats need a numbering plan: `Client.lookup` reads
 * them, and its answer has the key as `number`. Throws InvalidNumber.
 *
 * @param {string} raw
 */
export function canonical(raw: string): string;
