import { isAscii, isUtf8 } from 'node:buffer';
import { Failure } from '../failures.ts';
import { Lines } from './lines.ts';
import { Spool } from './spool.ts';

/** Turns the bytes of an encoding into UTF-8, chunk by chunk. */
interface Decoder {
  readonly name: string;
  /** Bytes that can be decoded whole, and what must wait for the next chunk. */
  split(bytes: Buffer): number;
  /** The place of the first byte that cannot be; -1 when there is none. */
  wrongAt(bytes: Buffer): number;
  toUtf8(bytes: Buffer): Buffer;
}

/** What begins a file that says its own encoding. */
const marks: readonly [mark: readonly number[], name: string][] = [
  [[0xef, 0xbb, 0xbf], 'utf-8'],
  [[0xff, 0xfe], 'utf-16le'],
  [[0xfe, 0xff], 'utf-16be'],
];

/** How many bytes the letter has that begins with this one. */
const bytesOf = (first: number): number => (first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4);

const utf8: Decoder = {
  name: 'utf-8',
  split: (bytes) => {
    const first = bytes.findLastIndex((byte) => byte < 0x80 || byte >= 0xc0);
    const waits = bytes.length - first < bytesOf(bytes[first] ?? 0);
    return waits ? first : bytes.length;
  },
  wrongAt: (bytes) => {
    if (isUtf8(bytes)) return -1;
    const length = firstFailing(bytes, 'utf-8');
    for (let at = length - 1; at > 0; at -= 1) if (isUtf8(bytes.subarray(0, at))) return at;
    return 0;
  },
  toUtf8: (bytes) => bytes,
};

/** The shortest beginning that is refused, by halving. */
function firstFailing(bytes: Buffer, encoding: string): number {
  let [good, bad] = [0, bytes.length];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (decodes(bytes.subarray(0, middle), encoding, true)) good = middle;
    else bad = middle;
  }
  return bad;
}

function decodes(bytes: Buffer, encoding: string, stream = false): boolean {
  try {
    new TextDecoder(encoding, { fatal: true }).decode(bytes, { stream });
    return true;
  } catch {
    return false;
  }
}

const reencoded =
  (name: string) =>
  (bytes: Buffer): Buffer =>
    Buffer.from(new TextDecoder(name, { ignoreBOM: true }).decode(bytes), 'utf8');

const utf16 = (name: 'utf-16le' | 'utf-16be'): Decoder => ({
  name,
  split: (bytes) => {
    const even = bytes.length - (bytes.length % 2);
    const high = even >= 2 ? (bytes[name === 'utf-16le' ? even - 1 : even - 2] ?? 0) : 0;
    // The first half of a letter beyond the first 65,536 waits for the second.
    return high >= 0xd8 && high <= 0xdb ? even - 2 : even;
  },
  wrongAt: (bytes) => {
    if (bytes.length % 2 === 0 && decodes(bytes, name)) return -1;
    const length = firstFailing(bytes, name);
    for (let at = (length - 1) & ~1; at > 0; at -= 2) if (decodes(bytes.subarray(0, at), name)) return at;
    return 0;
  },
  toUtf8: reencoded(name),
});

/** A letter a byte: what has no letter in it, or a control character that no text has, cannot be. */
function singleByte(name: string): Decoder {
  const letters = Array.from({ length: 256 }, (_, byte) => new TextDecoder(name).decode(Uint8Array.of(byte)));
  const wrong = new Set(
    letters.flatMap((letter, byte) => (/[\u0080-\u009f\ufffd]/.test(letter) ? [byte] : [])),
  );
  return {
    name,
    split: (bytes) => bytes.length,
    wrongAt: (bytes) => (wrong.size === 0 ? -1 : bytes.findIndex((byte) => wrong.has(byte))),
    toUtf8: reencoded(name),
  };
}

const several: ReadonlySet<string> = new Set([
  ...[
    'gbk',
    'gb18030',
    'big5',
    'euc-jp',
    'iso-2022-jp',
    'shift_jis',
    'euc-kr',
    'replacement',
    'x-user-defined',
  ],
]);

/** The name of an encoding that can be read, by any of its names; null where there is none. */
export function encodingOf(label: string): string | null {
  try {
    const { encoding } = new TextDecoder(label);
    return several.has(encoding) ? null : encoding;
  } catch {
    return null;
  }
}

function decoderOf(name: string): Decoder {
  if (name === 'utf-8') return utf8;
  return name === 'utf-16le' || name === 'utf-16be' ? utf16(name) : singleByte(name);
}

/** So much of a file shows what it is in; a pipe gives it in pieces. */
const HEAD_BYTES = 64;

/** The encoding that the beginning of a file shows: by its mark, or as every other byte of plain letters is 0. */
function shownBy(head: Buffer): { readonly name: string; readonly mark: number } | null {
  for (const [mark, name] of marks)
    if (head.subarray(0, mark.length).equals(Buffer.from(mark))) return { name, mark: mark.length };
  const letters = head.subarray(0, Math.min(head.length, HEAD_BYTES) & ~1);
  if (letters.length < 8) return null;
  const isZero = (odd: number) => letters.every((byte, at) => at % 2 !== odd || byte === 0);
  const isLetter = (odd: number) =>
    letters.every((byte, at) => at % 2 !== odd || (byte >= 0x09 && byte < 0x7f));
  if (isZero(1) && isLetter(0)) return { name: 'utf-16le', mark: 0 };
  return isZero(0) && isLetter(1) ? { name: 'utf-16be', mark: 0 } : null;
}

/** Files that are no text, by how they begin. */
const noText: readonly [mark: readonly number[], what: string][] = [
  [[0x50, 0x4b, 0x03, 0x04], 'a zip within another file; unpack the outer one, and import what it holds'],
  [[0x1f, 0x8b], 'a gzip within another file; unpack the outer one, and import what it holds'],
  [
    [0xd0, 0xcf, 0x11, 0xe0],
    'a workbook or a document of Office; save its sheet as CSV (UTF-8), and import that',
  ],
  [[0x25, 0x50, 0x44, 0x46], 'a PDF'],
  [[0x89, 0x50, 0x4e, 0x47], 'a picture'],
  [[0xff, 0xfe, 0, 0], 'text in utf-32; save it as UTF-8'],
  [[0, 0, 0xfe, 0xff], 'text in utf-32; save it as UTF-8'],
];

/** @throws Failure for a file that is no text that can be read, in any encoding */
function checkText(path: string, head: Buffer): void {
  for (const [mark, what] of noText)
    if (head.subarray(0, mark.length).equals(Buffer.from(mark)))
      throw new Failure(`${path} holds ${what}. Nothing was sent.`);
}

/** Where the bytes come from, and what they are said to be. */
export interface Encoded {
  readonly path: string;
  readonly bytes: AsyncIterable<Buffer>;
  /** Null: what the file shows, else UTF-8. */
  readonly encoding: string | null;
}

/**
 * Reads all bytes of a file, as UTF-8 with a line feed at the end of each line.
 * @throws Failure at the first byte that cannot be, with its place
 */
export async function decode({ path, bytes, encoding }: Encoded): Promise<Spool> {
  const spool = Spool.open();
  try {
    let text: CheckedText | null = null;
    let head = Buffer.alloc(0);
    for await (const chunk of bytes) {
      if (text) text.add(chunk);
      else head = Buffer.concat([head, chunk]);
      if (text || head.length < HEAD_BYTES) continue;
      text = new CheckedText({ path, encoding, spool }, head);
      text.add(head);
    }
    if (!text) {
      if (head.length === 0) throw new Failure(`${path} is empty.`);
      text = new CheckedText({ path, encoding, spool }, head);
      text.add(head);
    }
    text.end();
    return spool;
  } catch (error) {
    spool.close();
    throw error;
  }
}

/** Finds out whether bytes are UTF-8 with more than plain letters, which those of another encoding never are by chance. */
class Utf8Check {
  #waiting: Buffer = Buffer.alloc(0);
  #isUtf8 = true;
  #hasOthers = false;

  add(chunk: Buffer): void {
    if (!this.#isUtf8) return;
    const bytes = Buffer.concat([this.#waiting, chunk]);
    const whole = bytes.subarray(0, utf8.split(bytes));
    this.#waiting = bytes.subarray(whole.length);
    this.#isUtf8 = isUtf8(whole);
    this.#hasOthers ||= !isAscii(whole);
  }

  get holds(): boolean {
    return this.#isUtf8 && this.#waiting.length === 0 && this.#hasOthers;
  }
}

class CheckedText {
  readonly #path: string;
  readonly #decoder: Decoder;
  readonly #lines: Lines;
  /** For what is said to have a letter a byte; null for what is not. */
  readonly #utf8: Utf8Check | null;
  #waiting: Buffer = Buffer.alloc(0);
  /** Of the file that have been decoded. */
  #offset = 0;

  constructor(
    { path, encoding, spool }: { path: string; encoding: string | null; spool: Spool },
    head: Buffer,
  ) {
    checkText(path, head);
    const shown = shownBy(head);
    if (shown && encoding && shown.name !== encoding && shown.mark > 0)
      throw new Failure(
        `${path} begins as a file in ${shown.name} does, and not in ${encoding}; leave --encoding out.`,
      );
    this.#path = path;
    this.#decoder = decoderOf(encoding ?? shown?.name ?? 'utf-8');
    this.#utf8 = this.#decoder.name.startsWith('utf-') ? null : new Utf8Check();
    this.#lines = new Lines(spool);
    this.#skip = shown?.name === this.#decoder.name ? shown.mark : 0;
  }

  #skip: number;

  add(chunk: Buffer): void {
    this.#utf8?.add(chunk);
    const bytes = this.#waiting.length > 0 ? Buffer.concat([this.#waiting, chunk]) : chunk;
    const whole = bytes.subarray(0, this.#decoder.split(bytes));
    this.#waiting = bytes.subarray(whole.length);
    this.#take(whole);
  }

  end(): void {
    if (this.#utf8?.holds)
      throw new Failure(
        `${this.#path} is in utf-8, and in ${this.#decoder.name} its letters would become others; leave --encoding out. Nothing was sent.`,
      );
    this.#take(this.#waiting);
    this.#lines.end();
  }

  #take(bytes: Buffer): void {
    const wrong = this.#decoder.wrongAt(bytes);
    const good = wrong < 0 ? bytes : bytes.subarray(0, wrong);
    this.#lines.add(this.#decoder.toUtf8(good.subarray(this.#skip)));
    if (bytes.length > 0) this.#skip = 0;
    if (wrong >= 0) throw this.#cannotBe(bytes[wrong] ?? 0, this.#offset + wrong);
    this.#offset += bytes.length;
  }

  #cannotBe(byte: number, offset: number): Failure {
    const hex = `0x${byte.toString(16).padStart(2, '0').toUpperCase()}`;
    const { name } = this.#decoder;
    return new Failure(
      [
        `${this.#path} is not in ${name}: the byte ${hex} at offset ${offset}, in line ${this.#lines.count + 1}, cannot be. Nothing was sent.`,
        `Say what it is in: ${name === 'utf-8' ? '--encoding windows-1252 for most files of Windows and Excel' : '--encoding utf-8, windows-1252, utf-16le'}.`,
      ].join('\n'),
    );
  }
}
