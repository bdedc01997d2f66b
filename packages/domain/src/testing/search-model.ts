import type { Caller } from '../core/index.ts';

/** A ticket as the simple model of searching knows it. */
export interface ModelTicket {
  readonly id: number;
  readonly title: string;
  readonly description: string | null;
  readonly status: string;
  readonly priority: string;
  readonly type: string;
  readonly tags: readonly string[];
  readonly restricted: boolean;
  readonly requesterId: string | null;
  readonly assigneeId: string | null;
  readonly teamId: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** A query as it is written, and what it means in the simplest words. */
export interface Asking {
  readonly text: string;
  readonly holds: (ticket: ModelTicket, about: About) => boolean;
  /** The single words that are wanted: what may be guessed. */
  readonly words?: readonly Asking[];
  /** How binding it is: what stands beside others needs no parentheses, `OR` does. */
  readonly loose?: boolean;
}

export interface About {
  readonly caller: Caller;
  /** Of these words, as a query has them, one letter may be wrong. */
  readonly guessed: readonly string[];
}

/** Words of the model, each with what the desk takes for the same word. */
const stems: Readonly<Record<string, string>> = {
  disk: 'disk',
  disks: 'disk',
  failed: 'fail',
  fails: 'fail',
  failing: 'fail',
  printer: 'printer',
  printers: 'printer',
  router: 'router',
  router7: 'router7',
  vpn: 'vpn',
  raid: 'raid',
  the: 'the',
  down: 'down',
  überlast: 'uberlast',
  диск: 'диск',
  παρις: 'παρισ',
  ΠΑΡΙΣ: 'παρισ',
};
export const vocabulary = Object.keys(stems);

const tokens = (text: string | null): string[] => (text ?? '').toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
const plain = (token: string): string => token.normalize('NFD').replace(/\p{M}/gu, '').replaceAll('ς', 'σ');
const stem = (token: string): string => stems[token] ?? plain(token);
const places = ({ title, description }: ModelTicket): string[][] => [tokens(title), tokens(description)];

/** Whether two words differ by at most one letter: another, missing, too many, or two exchanged. */
function almost(one: string, other: string): boolean {
  const [short, long] = one.length <= other.length ? [one, other] : [other, one];
  if (long.length - short.length > 1) return false;
  let same = 0;
  while (same < short.length && short[same] === long[same]) same += 1;
  const [left, right] = [short.slice(same), long.slice(same)];
  if (left.slice(left.length > 0 && short.length === long.length ? 1 : 0) === right.slice(1)) return true;
  return (
    short.length === long.length &&
    left[0] === right[1] &&
    left[1] === right[0] &&
    left.slice(2) === right.slice(2)
  );
}

/** A ticket has a word, in whatever form, in its title or description. */
export function word(asked: string, where: 'anywhere' | 'title' = 'anywhere'): Asking {
  const text = where === 'title' ? `title:${asked}` : asked;
  // Of numbers every digit counts.
  const guesses = vocabulary.filter((known) => !/\d/.test(known) && almost(asked, plain(known))).map(stem);
  const one: Asking = {
    text,
    holds: (ticket, { guessed }) => {
      const wanted = new Set([stem(asked.toLowerCase()), ...(guessed.includes(text) ? guesses : [])]);
      const held = where === 'title' ? tokens(ticket.title) : places(ticket).flat();
      return held.some((token) => wanted.has(stem(token)));
    },
  };
  return { ...one, words: [...asked].length >= 4 && !/\d/.test(asked) ? [one] : [] };
}

/** Words right behind one another. */
export const phrase = (asked: readonly string[]): Asking => ({
  text: `"${asked.join(' ')}"`,
  holds: (ticket) =>
    places(ticket).some((held) =>
      held.some((_, at) => asked.every((part, index) => stem(held[at + index] ?? '') === stem(part))),
    ),
});

export const beginning = (asked: string): Asking => ({
  text: `${asked}*`,
  holds: (ticket) =>
    places(ticket)
      .flat()
      .some((token) => plain(token).startsWith(asked)),
});

export const not = (part: Asking): Asking => ({
  text: `-${part.loose || part.text.includes(' ') ? `(${part.text})` : part.text}`,
  // What is not wanted was meant as it stands.
  holds: (ticket, about) => !part.holds(ticket, { ...about, guessed: [] }),
});

export const both = (parts: readonly Asking[]): Asking => ({
  text: parts.map(({ text, loose }) => (loose ? `(${text})` : text)).join(' '),
  holds: (ticket, about) => parts.every(({ holds }) => holds(ticket, about)),
  words: parts.flatMap(({ words = [] }) => words),
});

export const either = (parts: readonly Asking[]): Asking => ({
  text: parts.map(({ text }) => text).join(' OR '),
  holds: (ticket, about) => parts.some(({ holds }) => holds(ticket, about)),
  words: parts.flatMap(({ words = [] }) => words),
  loose: true,
});

/** Who reads what, in the words of the table of permissions. */
export function mayRead({ role, id, teamIds }: Caller, ticket: ModelTicket): boolean {
  if (role === 'admin' || role === 'auditor') return true;
  if (role === 'requester') return ticket.requesterId === id;
  const involved =
    ticket.requesterId === id || ticket.assigneeId === id || teamIds.includes(String(ticket.teamId));
  return !ticket.restricted || involved;
}

export interface Found {
  readonly tickets: readonly ModelTicket[];
  /** The words that had to be guessed, in no order. */
  readonly guessed: readonly string[];
}

/**
 * The tickets that a caller finds. Where there is none, one letter may be wrong in each word that none of their tickets has.
 */
export function found(tickets: readonly ModelTicket[], caller: Caller, asked: Asking): Found {
  const visible = tickets.filter((ticket) => mayRead(caller, ticket));
  const matching = ({ holds }: Asking, guessed: readonly string[]) =>
    visible.filter((ticket) => holds(ticket, { caller, guessed }));
  const exact = matching(asked, []);
  if (exact.length > 0) return { tickets: exact, guessed: [] };
  const unwritten = (asked.words ?? []).filter((one) => matching(one, []).length === 0);
  const guessed = [...new Set(unwritten.map(({ text }) => text))];
  const meant = matching(asked, guessed);
  return { tickets: meant, guessed: meant.length > 0 ? guessed : [] };
}
