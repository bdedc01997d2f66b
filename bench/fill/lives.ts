import { type Actor, type Context, tickets } from '@tocsin/domain';
import distributions from './distributions.json' with { type: 'json' };
import type { Draws, Named } from './people.ts';
import { type Random, Weighted } from './random.ts';
import type { Prose } from './words.ts';

const { Chronicle } = tickets;
type Chronicle = tickets.Chronicle;
type Draft = tickets.TicketDraft;
type Move = Parameters<typeof tickets.moved>[1];

/** What tickets are drawn from. */
export interface Lottery {
  readonly random: Random;
  readonly prose: Prose;
  readonly draws: Draws;
  /** Changes that are added to each life beyond those of the history. */
  readonly extraChanges: number;
}

/** Where a ticket stands among all. */
export interface Place {
  readonly index: number;
  readonly at: number;
  /** Now; no event is later. */
  readonly end: number;
  /** Whether somebody still works on it. */
  readonly undone: boolean;
}

const grade = { 1: 'high', 2: 'medium', 3: 'low' } as const;
type Digit = keyof typeof grade;
const pairs = (list: (string | number)[][]): [string, number][] =>
  list.map(([value, count]) => [String(value), Number(count)]);

const lives = new Weighted(pairs(distributions.lives));
const impactUrgency = new Weighted(pairs(distributions.impactUrgency));
const categories = new Weighted(pairs(distributions.categories));
const subcategories = new Weighted(pairs(distributions.subcategories));
const symptoms = new Weighted(pairs(distributions.symptoms));
// All of the history are incidents, none was cancelled, and its codes of closing are secret: these are ours.
const types = new Weighted([
  ['incident', 80],
  ['request', 15],
  ['problem', 3],
  ['change', 2],
] as const);
const resolutions = new Weighted([
  ['fixed', 60],
  ['workaround', 12],
  ['no_fault', 10],
  ['duplicate', 6],
  ['not_reproducible', 5],
  ['wont_fix', 4],
  ['other', 3],
] as const);
const CANCELLED = 0.01;
const RESTRICTED = 0.03;
const ASSIGNED = 0.85;

const holds = { U: 'requester', V: 'vendor', P: 'problem', E: 'evidence' } as const;
const possible = new Set(tickets.lifecycle({} as Context).transitions.map(({ from, to }) => `${from} ${to}`));

/** One ticket's events, from its creation to wherever it has come: by the same rules as every ticket's. */
export function live(lottery: Lottery, place: Place): Chronicle {
  const { random, draws } = lottery;
  const changes = changesOf(lottery, place);
  const times = timesOf(lottery, place, changes.length);
  const draft = begin(lottery, place.index);
  const opener = random.chance(0.5) ? (draft.state.requester as Named) : draws.agent.pick(random);
  const chronicle = Chronicle.create(draft, { at: new Date(place.at), actor: user(opener) });
  for (const [index, letter] of changes.entries()) {
    const at = new Date(times[index] as number);
    const worker = chronicle.draft.state.assignee ?? draws.agent.pick(random);
    chronicle.to(change(lottery, { draft: chronicle.draft, letter, at }), { at, actor: user(worker) });
  }
  return chronicle;
}

const user = ({ id, name }: Named): Actor => ({ id, kind: 'user', name });

/**
 * The letters of a life: `A` in progress, `U` `V` `P` `E` on hold (see `holds`), `R` resolved, `C` closed, `N` open again,
 * `X` cancelled; `g` another team, `a` another assignee, `p` another urgency, `e` any other change.
 */
function changesOf({ random, extraChanges }: Lottery, { undone }: Place): string[] {
  const drawn = [...lives.pick(random)];
  const end = drawn.findIndex((letter) => letter === 'R' || letter === 'C');
  const done = end < 0 ? drawn.length : end;
  const extra = Array.from({ length: extraChanges }, () => 'e');
  if (undone) return [...drawn.slice(0, random.between(0, done)), ...extra];
  if (random.chance(CANCELLED)) return [...drawn.slice(0, done), ...extra, 'X'];
  return [...drawn.slice(0, done), ...extra, ...drawn.slice(done)];
}

/** When each change happens: gaps as in the history, but closer together where they would reach beyond now. */
function timesOf({ random }: Lottery, { at, end }: Place, count: number): number[] {
  let span = 0;
  const offsets = Array.from({ length: count }, () => {
    span += random.pick(distributions.gapMinutes) * 60_000 + random.between(1_000, 59_999);
    return span;
  });
  const scale = Math.min(1, (end - at) / (span + 1));
  return offsets.map((offset) => Math.floor(at + offset * scale));
}

function begin({ random, prose, draws }: Lottery, index: number): Draft {
  const [impact, urgency] = [...impactUrgency.pick(random)].map((digit) => grade[Number(digit) as Digit]);
  return tickets.opened({
    title: prose.title(),
    description: prose.description(index),
    type: types.pick(random),
    impact: impact as 'high',
    urgency: urgency as 'high',
    requester: draws.caller.pick(random),
    assignee: random.chance(ASSIGNED) ? draws.agent.pick(random) : null,
    team: draws.team.pick(random),
    service: random.chance(0.7) ? draws.service.pick(random) : null,
    restricted: random.chance(RESTRICTED),
    tags: tagsOf(random),
  });
}

const tagsOf = (random: Random): string[] => [
  `category-${categories.pick(random)}`,
  `subcategory-${subcategories.pick(random)}`,
  `symptom-${symptoms.pick(random)}`,
];

interface Step {
  readonly draft: Draft;
  readonly letter: string;
  readonly at: Date;
}

function change(lottery: Lottery, { draft, letter, at }: Step): Draft {
  const { random, draws } = lottery;
  const move = moveOf(lottery, draft, letter);
  if (move && possible.has(`${draft.state.status} ${move.status}`) && !isSameHold(draft, move))
    return tickets.moved(draft, move, at);
  switch (letter) {
    case 'g':
      return patched(draft, { team: draws.team.pick(random) });
    case 'a':
      return patched(draft, { assignee: draws.agent.pick(random) });
    case 'p':
      return patched(draft, { urgency: random.pick(['low', 'medium', 'high']) });
    default:
      return patched(draft, {});
  }
}

/** A change that hits the value that is there would be none. */
function patched(draft: Draft, patch: Parameters<typeof tickets.edited>[1]): Draft {
  const [field] = Object.keys(patch) as ('team' | 'assignee' | 'urgency')[];
  const state = draft.state;
  const same = field && JSON.stringify(state[field]) === JSON.stringify(patch[field]);
  if (field && !same) return tickets.edited(draft, patch);
  const mark = 'looked-at';
  const tags = state.tags.includes(mark) ? state.tags.filter((tag) => tag !== mark) : [...state.tags, mark];
  return tickets.edited(draft, { tags });
}

const isSameHold = ({ state }: Draft, { status, holdReason }: Move): boolean =>
  status === 'on_hold' && state.holdReason === holdReason;

function moveOf(lottery: Lottery, { state }: Draft, letter: string): Move | null {
  if (letter in holds) return { status: 'on_hold', holdReason: holds[letter as keyof typeof holds] };
  switch (letter) {
    case 'A':
      return { status: 'in_progress' };
    case 'N':
      return { status: 'open' };
    case 'X':
      return { status: 'cancelled' };
    case 'R':
      return { status: 'resolved', resolution: resolutionOf(lottery) };
    case 'C':
      return { status: 'closed', resolution: state.resolution ?? resolutionOf(lottery) };
    default:
      return null;
  }
}

function resolutionOf({ random, prose }: Lottery): NonNullable<Move['resolution']> {
  const code = resolutions.pick(random);
  return random.chance(0.5) ? { code, note: `${prose.words(random.between(4, 15))}.` } : { code };
}
