/**
 * SHA-256 (FIPS 180-4), at once. WebCrypto answers with a promise, which costs many times as much as the
 * hash of one entry of a feed, and browsers have it only on pages with TLS.
 */

// The first 32 bits of the fractional parts of the cube roots and square roots of the first primes.
const K = new Int32Array(64);
const START = new Int32Array(8);
for (let number = 2, found = 0; found < 64; number++) {
  let prime = true;
  for (let divisor = 2; divisor * divisor <= number; divisor++) prime &&= number % divisor !== 0;
  if (!prime) continue;
  if (found < 8) START[found] = fraction(Math.sqrt(number));
  K[found++] = fraction(Math.cbrt(number));
}

/** @param {number} value */
function fraction(value) {
  return Math.floor((value - Math.floor(value)) * 2 ** 32);
}

const words = new Int32Array(64);

const tail = new Uint8Array(128);
const tailView = new DataView(tail.buffer);

/**
 * The digest of some bytes, as eight 32-bit words, the highest first.
 *
 * @param {Uint8Array} bytes
 */
export function sha256(bytes) {
  const state = START.slice();
  const rest = bytes.length % 64;
  const whole = bytes.length - rest;
  if (whole) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let place = 0; place < whole; place += 64) compress(state, view, place);
  }
  // What is left, a one bit, zeros, and the length in bits.
  const end = rest < 56 ? 64 : 128;
  for (let place = 0; place < rest; place++) tail[place] = bytes[whole + place] ?? 0;
  tail.fill(0, rest, end);
  tail[rest] = 0x80;
  tailView.setUint32(end - 8, Math.floor(bytes.length / 2 ** 29));
  tailView.setUint32(end - 4, bytes.length * 8);
  for (let place = 0; place < end; place += 64) compress(state, tailView, place);
  return new Uint32Array(state.buffer);
}

/** @param {Int32Array} state @param {DataView} block @param {number} place */
function compress(state, block, place) {
  for (let i = 0; i < 16; i++) words[i] = block.getInt32(place + 4 * i);
  for (let i = 16; i < 64; i++) {
    const [x, y] = [at(words, i - 15), at(words, i - 2)];
    const small = (turn(x, 7) ^ turn(x, 18) ^ (x >>> 3)) + at(words, i - 16);
    words[i] = small + at(words, i - 7) + (turn(y, 17) ^ turn(y, 19) ^ (y >>> 10));
  }
  // Written out: arrays in their place would take several times as long.
  let a = at(state, 0);
  let b = at(state, 1);
  let c = at(state, 2);
  let d = at(state, 3);
  let e = at(state, 4);
  let f = at(state, 5);
  let g = at(state, 6);
  let h = at(state, 7);
  for (let i = 0; i < 64; i++) {
    const choice = ((e & f) ^ (~e & g)) + at(K, i) + at(words, i);
    const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + choice) | 0;
    const two = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    h = g;
    g = f;
    f = e;
    e = (d + one) | 0;
    d = c;
    c = b;
    b = a;
    a = (one + two) | 0;
  }
  state[0] = at(state, 0) + a;
  state[1] = at(state, 1) + b;
  state[2] = at(state, 2) + c;
  state[3] = at(state, 3) + d;
  state[4] = at(state, 4) + e;
  state[5] = at(state, 5) + f;
  state[6] = at(state, 6) + g;
  state[7] = at(state, 7) + h;
}

/** @param {Int32Array} list @param {number} index */
function at(list, index) {
  return /** @type {number} */ (list[index]);
}

/** @param {number} word @param {number} bits */
function turn(word, bits) {
  return (word >>> bits) | (word << (32 - bits));
}
