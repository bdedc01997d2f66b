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
  /** How binding it is: what stands beside others needs no parentheses, `OR` does. */
  readonly loose?: boolean;
}

export interface About {
  readonly caller: Caller;
  /** One letter of each word may be wrong. */
  readonly forgiving: boolean;
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
};
export const vocabulary = Object.keys(stems);

const tokens = (text: string | null): string[] => (text ?? '').toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
const plain = (token: string): string => token.normalize('NFD').replace(/\p{M}/gu, '');
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
export const word = (asked: string, where: 'anywhere' | 'title' = 'anywhere'): Asking => ({
  text: where === 'title' ? `title:${asked}` : asked,
  holds: (ticket, { forgiving }) => {
    // Of numbers every digit counts.
    const guesses = vocabulary.filter((known) => !/\d/.test(known) && almost(asked, plain(known)));
    const wanted = new Set([
      stem(asked.toLowerCase()),
      ...(forgiving && asked.length >= 4 ? guesses.map(stem) : []),
    ]);
    const held = where === 'title' ? tokens(ticket.title) : places(ticket).flat();
    return held.some((token) => wanted.has(stem(token)));
  },
});

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
  holds: (ticket, about) => !part.holds(ticket, { ...about, forgiving: false }),
});

export const both = (parts: readonly Asking[]): Asking => ({
  text: parts.map(({ text, loose }) => (loose ? `(${text})` : text)).join(' '),
  holds: (ticket, about) => parts.every(({ holds }) => holds(ticket, about)),
});

export const either = (parts: readonly Asking[]): Asking => ({
  text: parts.map(({ text }) => text).join(' OR '),
  holds: (ticket, about) => parts.some(({ holds }) => holds(ticket, about)),
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

/** The tickets that a caller finds; where nobody wrote the words so, those with one letter wrong in each. */
export function found(tickets: readonly ModelTicket[], caller: Caller, asked: Asking): ModelTicket[] {
  const matching = (forgiving: boolean) =>
    tickets.filter((ticket) => mayRead(caller, ticket) && asked.holds(ticket, { caller, forgiving }));
  const exact = matching(false);
  return exact.length > 0 ? exact : matching(true);
}
