import { InvalidNumber } from "./errors.js";

const MAX_INPUT = 200; // characters, as on the server
const CANONICAL = /^(?:[A-Z]{2}:\d{3,20}|[A-Z]{2}@.{1,11})$/su;
const E164 = /^\+[1-9]\d{6,14}$/;
const SEPARATORS = /[ \t\-.()[\]/~·・]/gu;
const AS_FLOAT = /^(\+?\d{6,})\.0$/; // what programs make of a column of whole numbers
const BRACKETED = /^[^<>]*<([^<>]*)>(?:;.*)?$/s; // "Name" <sip:…>;tag=…
const QUOTED = /^(?:=?"([^"]+)"|['=]([+(0-9][^'"]*)'?)$/; // how spreadsheets keep a plus
// PBXs also hand on an address without its scheme, or its user with parameters: +1…;npdi.
const ADDRESS = new RegExp(
  "^(?:(?:sips?|(?:urn:)?tel|callto|telprompt|smsto|sms|whatsapp|rcs|viber|skype" +
    "|facetime(?:-audio)?):/{0,2})?([^@;?]*)",
  "i",
);
const HIDDEN = /^[^;?]*@lid(?:[;?]|$)/i; // whom WhatsApp hides
const CONTEXT = /;phone-context=(\+[^;?@]+)/i;
const EXTENSION = new RegExp(
  "^([+(0-9][-+0-9 ()./]{2,}?) *" +
    "(?:;?ext(?:n|ension)?|ex|x|[,;#]+|[pw]|durchwahl|dw|int(?:erno)?|poste|ramal|anexo|toestel" +
    "|分机号?|分機號?|[转轉]|内线|內線|доб|внутр)[=:. ]*[0-9]{1,8}#?$",
  "i",
);
// How telephones show that a number called several times in a row: (202) 555-0101 (3).
const COUNTED = /^([+(0-9][-+0-9 ()./]{4,}) ?\([1-9][0-9]?\)$/;
// +86 21 62345678-8: where the numbers of a country have one length, the end is an extension.
const BRANCH = /^.*[^0-9][0-9]{7,8}-[0-9]{1,5}$/;
// Calling codes where an extension of any length follows a landline, without a sign between.
const EXTENDED = /^\+4[39]/;

/**
 * Full-width and Arabic digits, odd dashes and spaces as ASCII, without what is unseen: address books of
 * telephones write marks of direction around a number.
 *
 * @param {string} text
 */
function plainCharacters(text) {
  return text
    .normalize("NFKC")
    .replace(/[\u0660-\u0669\u06f0-\u06f9]/g, (digit) => String(digit.charCodeAt(0) & 15))
    .replace(/\p{Cf}/gu, "")
    .replace(/\p{Z}/gu, " ")
    .replace(/\p{Pd}|(?<=[0-9)])[−─ー](?=[0-9(])/gu, "-")
    .trim();
}

/**
 * The number in an address or in quotes, with its context; any other text as it is.
 *
 * @param {string} text
 */
function userPart(text) {
  const quoted = QUOTED.exec(text);
  const address = (BRACKETED.exec(text)?.[1] ?? quoted?.[1] ?? quoted?.[2] ?? text).trim();
  if (HIDDEN.test(address)) return "";
  const user = (ADDRESS.exec(address)?.[1] ?? address).trim();
  const written = (/^\d/.test(user) ? (CONTEXT.exec(address)?.[1] ?? "") : "") + user;
  try {
    return plainCharacters(decodeURIComponent(written));
  } catch {
    return ""; // a percent sign that encodes nothing
  }
}

/**
 * `raw`, which programs without types may have as something else.
 *
 * @param {string} raw
 */
export function textOf(raw) {
  if (typeof raw === "string") return raw;
  throw new TypeError(`A number is text, such as "+12025550143", not ${String(raw)}.`);
}

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
export function canonical(raw) {
  const text = textOf(raw).trim();
  if (CANONICAL.test(text)) return text;
  if (text.length > MAX_INPUT) throw new InvalidNumber("The text is too long for a number.", "too_long");
  const user = userPart(plainCharacters(text));
  const called = EXTENSION.exec(user)?.[1] ?? user;
  const written = COUNTED.exec(called)?.[1] ?? called;
  let digits = written.replace(AS_FLOAT, "$1").replace(SEPARATORS, "");
  if (!/\d/.test(digits)) {
    throw new InvalidNumber(
      "The caller withheld the number: there is none to ask about.",
      text ? "withheld" : "empty",
    );
  }
  // 000 is that of a PBX which dials 0 for a line outside.
  if (digits.startsWith("+00")) digits = digits.slice(1);
  if (digits.startsWith("00")) digits = `+${digits.slice(digits.startsWith("000") ? 3 : 2)}`;
  const unclear = written.includes("(0)") || (BRANCH.test(written) && !EXTENDED.test(digits));
  if (!E164.test(digits) || unclear) {
    throw new InvalidNumber(
      `${JSON.stringify(raw)} is not clear without a country: write it with + and calling code, or ask ` +
        "the server, with the region.",
      "region_required",
    );
  }
  return digits;
}
