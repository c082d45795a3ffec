import { InvalidNumber } from "./errors.js";

const CANONICAL = /^(?:[A-Z]{2}:\d{3,20}|[A-Z]{2}@.{1,11})$/su;
const E164 = /^\+[1-9]\d{6,14}$/;
const SEPARATORS = /[ \u00a0\u202f\t\-‐‑–.()[\]/]/gu;
const AS_FLOAT = /^(\+?\d{6,})\.0$/; // what programs make of a column of whole numbers
const BRACKETED = /^[^<>]*<([^<>]*)>(?:;.*)?$/s; // "Name" <sip:…>;tag=…
// PBXs also hand on an address without its scheme, or its user with parameters: +1…;npdi.
const ADDRESS = /^(?:sips?:|tel:)?([^@;?]*)/i;
const CONTEXT = /;phone-context=(\+[^;?@]+)/i;

/**
 * The canonical key of a number, computed without the server; a mirror is asked by it.
 *
 * Reads a plus or 00 and 7 to 15 digits, however grouped, also inside `tel:` and `sip:` addresses, whole
 * or in part, and canonical keys themselves. National formats need a numbering plan: `Client.lookup` reads
 * them, and its answer has the key as `number`. Throws InvalidNumber.
 *
 * @param {string} raw
 */
export function canonical(raw) {
  const text = raw.trim();
  if (CANONICAL.test(text)) return text;
  const address = (BRACKETED.exec(text)?.[1] ?? text).trim();
  const user = (ADDRESS.exec(address)?.[1] ?? address).trim();
  const written = (/^\d/.test(user) ? (CONTEXT.exec(address)?.[1] ?? "") : "") + user;
  let digits;
  try {
    digits = decodeURIComponent(written).replace(AS_FLOAT, "$1").replace(SEPARATORS, "");
  } catch {
    digits = ""; // a percent sign that encodes nothing
  }
  if (!/\d/.test(digits)) {
    throw new InvalidNumber(
      "The caller withheld the number: there is none to ask about.",
      text ? "withheld" : "empty",
    );
  }
  // 000 is that of a PBX which dials 0 for a line outside.
  if (digits.startsWith("00")) digits = `+${digits.slice(digits.startsWith("000") ? 3 : 2)}`;
  if (!E164.test(digits) || written.includes("(0)")) {
    throw new InvalidNumber(
      `${JSON.stringify(raw)} is not clear without a country: write it with + and calling code, or ask ` +
        "the server, with the region.",
      "region_required",
    );
  }
  return digits;
}
