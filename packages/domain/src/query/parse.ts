import { wrongQuery } from './errors.ts';
import { asFields, fieldOf, isField } from './fields.ts';
import { MAX_DEPTH, MAX_QUERY_LENGTH, MAX_TERMS } from './limits.ts';
import type { Piece } from './piece.ts';
import { scan, type Token } from './scan.ts';
import { allOf, anyOf, everyTicket, type Query } from './tree.ts';
import { areKeys, ticketOrWords } from './words.ts';

/**
 * Reads a query as people write it: words, "phrases", beginn*, field:value,value, -not, (this OR that). What stands side
 * by side must all hold. Words without letters or digits say nothing and are passed over.
 * @param now what "seven days ago" is counted from
 * @throws query.invalid, which points at the character and says what would be right
 */
export function parseQuery(query: string, now: Date): Query {
  if (query.length > MAX_QUERY_LENGTH * 2)
    throw wrongQuery({ parameter: 'q', position: null }, `At most ${MAX_QUERY_LENGTH} characters`);
  if (query.trim() === '') return everyTicket;
  return new Parser(scan(query), now).whole();
}

const fault = (at: number, message: string) => wrongQuery({ parameter: 'q', position: at }, message);

class Parser {
  readonly #tokens: readonly Token[];
  readonly #now: Date;
  #index = 0;
  #terms = 0;

  constructor(tokens: readonly Token[], now: Date) {
    this.#tokens = tokens;
    this.#now = now;
  }

  whole(): Query {
    const query = this.#either(0);
    const left = this.#token();
    if (left) throw fault(left.at, 'This ) closes nothing; to look for it, put it in quotes');
    if (query) return query;
    throw fault(1, 'There is nothing to look for in it; write words, or fields such as status:open');
  }

  #token(): Token | undefined {
    return this.#tokens[this.#index];
  }

  #take(kind: Token['kind']): Token | null {
    const token = this.#token();
    if (token?.kind !== kind) return null;
    this.#index += 1;
    return token;
  }

  #either(depth: number): Query | null {
    const parts: Query[] = [];
    let or: Token | null = null;
    do {
      const part = this.#together(depth);
      if (part) parts.push(part);
      else if (or || this.#token()?.kind === 'OR')
        throw fault(
          (or ?? this.#token())?.at ?? 1,
          'OR stands between two things; to look for the word, write "or"',
        );
      or = this.#take('OR');
    } while (or);
    return parts.length === 0 ? null : anyOf(parts);
  }

  #together(depth: number): Query | null {
    const parts: Query[] = [];
    for (
      let token = this.#token();
      token && token.kind !== ')' && token.kind !== 'OR';
      token = this.#token()
    ) {
      if (token.kind === 'AND') this.#and(parts.length > 0);
      const part = this.#one(depth);
      if (part) parts.push(part);
    }
    return parts.length === 0 ? null : allOf(parts);
  }

  #and(hasLeft: boolean): void {
    const { at } = this.#take('AND') as Token;
    const next = this.#token()?.kind;
    if (!hasLeft || next === undefined || next === ')' || next === 'OR' || next === 'AND')
      throw fault(at, 'AND stands between two things; to look for the word, write "and"');
  }

  #one(depth: number): Query | null {
    const token = this.#token() as Token;
    if (depth > MAX_DEPTH)
      throw fault(token.at, `Nothing may lie deeper than ${MAX_DEPTH} parentheses and negations`);
    this.#index += 1;
    switch (token.kind) {
      case '-':
      case 'NOT':
        return this.#negated(token, depth);
      case '(':
        return this.#group(token.at, depth);
      case 'text':
        return this.#counted(token.at, this.#text(this.#withKeys(token)));
      case 'field':
        return this.#counted(token.at, this.#field(token.name, token.values, token.at));
      default:
        throw fault(token.at, `There is nothing for ${token.kind} to stand with`);
    }
  }

  #negated({ at, kind }: Token, depth: number): Query | null {
    const next = this.#token();
    if (!next || next.kind === ')' || next.kind === 'OR' || next.kind === 'AND')
      throw fault(at, `Something must stand behind ${kind}; to look for the word, put it in quotes`);
    const part = this.#one(depth + 1);
    return part && { kind: 'not', part };
  }

  #group(at: number, depth: number): Query | null {
    const inner = this.#either(depth + 1);
    if (!this.#take(')')) throw fault(at, 'This ( is not closed; to look for it, put it in quotes');
    return inner;
  }

  #counted(at: number, query: Query | null): Query | null {
    this.#terms += query ? 1 : 0;
    if (this.#terms > MAX_TERMS) throw fault(at, `At most ${MAX_TERMS} terms`);
    return query;
  }

  /** Keys as people list them, `INC-1, INC-2`, are one piece. */
  #withKeys(piece: Piece): Piece {
    let { text } = piece;
    for (let next = this.#token(); areKeys(piece) && text.endsWith(','); next = this.#token()) {
      if (next?.kind !== 'text' || !areKeys(next)) break;
      text += next.text;
      this.#index += 1;
    }
    return { ...piece, text };
  }

  #text(piece: Piece): Query | null {
    const before = this.#tokens[this.#index - 2];
    const isCompared = !piece.quoted && /^(!?=|[<>]=?|:)/.test(piece.text);
    if (isCompared && before?.kind === 'text' && !before.quoted && isField(before.text))
      throw fault(
        piece.at,
        `Nothing stands between a field and its value but a colon, as in ${before.text.toLowerCase()}:…; to look for the words, put them in quotes`,
      );
    if (!piece.quoted && /^!\p{L}/u.test(piece.text) && asFields(piece.text) === null)
      throw fault(
        piece.at,
        `Write -${piece.text.slice(1)} to leave it out; to look for it, put it in quotes`,
      );
    const meant = piece.quoted ? null : asFields(piece.text);
    if (meant === null) return ticketOrWords(piece);
    throw fault(piece.at, `Write ${meant}; to look for the words, put them in quotes`);
  }

  #field(name: string, values: readonly Piece[], at: number): Query {
    if (values.length > MAX_TERMS) throw fault(at, `At most ${MAX_TERMS} values`);
    return fieldOf(name, { at, values, now: this.#now });
  }
}
