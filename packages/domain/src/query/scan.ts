import { wrongQuery } from './errors.ts';
import { isField } from './fields.ts';
import { MAX_TERMS } from './limits.ts';
import type { Piece } from './piece.ts';

export type Token =
  | { readonly kind: '(' | ')' | '-' | 'NOT' | 'AND' | 'OR'; readonly at: number }
  | ({ readonly kind: 'text' } & Piece)
  | { readonly kind: 'field'; readonly name: string; readonly values: readonly Piece[]; readonly at: number };

const SPACE = /\s/u;
const FIELD = /^([a-z]+):/i;
/** Where a quotation begins, and where it ends: as typed, or as word processors and mail write it. */
const OPENS = /^["\u201c\u201e]$/u;
const CLOSES = /^[\u201c\u201d]$/u;
/** A bare word ends here; one of a list of values also at a comma. */
const ENDS_WORD = /[\s"\u201c\u201e()]/u;
const ENDS_VALUE = /[\s"\u201c\u201e(),]/u;

/** Divides a query into its tokens. @throws query.invalid */
export function scan(query: string): Token[] {
  const scanner = new Scanner(query);
  const tokens: Token[] = [];
  for (let token = scanner.next(); token; token = scanner.next()) {
    tokens.push(token);
    if (tokens.length > MAX_TERMS * 4) throw wrongQuery(scanner.place(), 'The query has too many parts');
  }
  return tokens;
}

class Scanner {
  readonly #characters: readonly string[];
  #index = 0;

  constructor(query: string) {
    this.#characters = [...query];
  }

  place(at = this.#index + 1) {
    return { parameter: 'q', position: at };
  }

  next(): Token | null {
    while (SPACE.test(this.#peek())) this.#index += 1;
    const at = this.#index + 1;
    const character = this.#peek();
    if (character === '') return null;
    if (character === '(' || character === ')') {
      this.#index += 1;
      return { kind: character, at };
    }
    if (character === '-' && !/^(\s|)$/u.test(this.#peek(1))) {
      this.#index += 1;
      return { kind: '-', at };
    }
    return this.#field(at) ?? this.#text(at);
  }

  #peek(ahead = 0): string {
    return this.#characters[this.#index + ahead] ?? '';
  }

  #field(at: number): Token | null {
    const ahead = this.#characters.slice(this.#index, this.#index + 40).join('');
    const [written, name] = FIELD.exec(ahead) ?? [];
    // An address of the web is text, not a field called http.
    if (written === undefined || name === undefined || ahead.startsWith('//', written.length)) return null;
    // "Disk: full" is a text as people write it; "status: open" a field whose value has gone astray.
    if (!isField(name) && /^(\s|$)/u.test(ahead.slice(written.length))) return null;
    this.#index += written.length;
    const values = [this.#value(name)];
    while (this.#peek() === ',') {
      this.#index += 1;
      values.push(this.#value(name));
    }
    return { kind: 'field', name: name.toLowerCase(), values, at };
  }

  #value(field: string): Piece {
    const at = this.#index + 1;
    if (OPENS.test(this.#peek())) return { text: this.#quotation(), quoted: true, at };
    const text = this.#until(ENDS_VALUE);
    if (text === '')
      throw wrongQuery(
        this.place(at),
        `${field}: needs a value right behind it; to look for the word, write "${field}"`,
      );
    return { text, quoted: false, at };
  }

  #text(at: number): Token {
    if (OPENS.test(this.#peek())) return { kind: 'text', text: this.#quotation(), quoted: true, at };
    const text = this.#until(ENDS_WORD);
    if (text === 'AND' || text === 'OR' || text === 'NOT') return { kind: text, at };
    return { kind: 'text', text, quoted: false, at };
  }

  #until(end: RegExp): string {
    const begin = this.#index;
    while (this.#peek() !== '' && !end.test(this.#peek())) this.#index += 1;
    return this.#characters.slice(begin, this.#index).join('');
  }

  /** Up to its end; `\\"` within it is a quotation mark, and `\\\\` a backslash. */
  #quotation(): string {
    const opening = this.#index;
    const isTyped = this.#peek() === '"';
    let text = '';
    for (this.#index += 1; this.#peek() !== ''; this.#index += 1) {
      const character = this.#peek();
      if (isTyped ? character === '"' : CLOSES.test(character)) {
        this.#index += 1;
        return text;
      }
      const isEscape = isTyped && character === '\\' && /^["\\]$/.test(this.#peek(1));
      if (isEscape) this.#index += 1;
      text += this.#peek();
    }
    throw wrongQuery(
      this.place(opening + 1),
      'This quotation does not end; close it with " (a quotation mark within it is \\")',
    );
  }
}
