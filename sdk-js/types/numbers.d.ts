/**
 * `raw`, which programs without types may have as something else.
 *
 * @param {string} raw
 */
export function textOf(raw: string): string;
/**
 * The canonical key of a number, computed without the server; a mirror is asked by it.
 *
 * Reads a plus or 00 and 7 to 15 digits, however grouped, also inside `tel:` and `sip:` addresses, whole
 * or in part, in quotes, before an extension with its sign (`x12`) or a count of calls (`(3)`), and
 * canonical keys themselves. National formats need a numbering plan, and so does an extension behind a
 * dash: `Client.lookup` reads them, and its answer has the key as `number`. Throws InvalidNumber.
 *
 * @param {string} raw
 */
export function canonical(raw: string): string;
