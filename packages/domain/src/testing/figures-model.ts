import type { Caller } from '../core/index.ts';
import type { TicketDraft } from '../tickets/index.ts';

type State = TicketDraft['state'];

/** One event of a ticket, as the simple model of figures knows it: what the ticket was before (null: nothing) and after. */
export interface ModelEvent {
  readonly at: string;
  readonly before: State | null;
  readonly after: State;
}

/** The life of a ticket, event by event. */
export type ModelLife = readonly ModelEvent[];

const isOpen = (state: State | null): boolean =>
  state !== null && ['open', 'in_progress', 'on_hold'].includes(state.status);
const isDone = (state: State): boolean => ['resolved', 'closed'].includes(state.status);

/** Whether somebody may see a ticket as it is now: the contract's table in plain words. */
export function sees({ id, role, teamIds }: Caller, life: ModelLife): boolean {
  const { restricted, requester, assignee, team } = (life.at(-1) as ModelEvent).after;
  if (role === 'admin' || role === 'auditor') return true;
  if (requester?.id === id) return true;
  if (role === 'requester') return false;
  return !restricted || assignee?.id === id || (team !== null && teamIds.includes(team.id));
}

export type Part = (state: State) => boolean;

/** What happened from one day to another to the part of the tickets that is asked for, counted event by event. */
export function figuresOf(
  lives: readonly ModelLife[],
  { from, to }: { from: string; to: string },
  part: Part,
) {
  const past = lives.flatMap((life) => inTheirOrder(life).map((event) => ({ ...event, born: life[0]?.at })));
  const before = past.filter(({ at }) => at.slice(0, 10) < to);
  const inTime = before.filter(({ at, after }) => at.slice(0, 10) >= from && part(after));
  const resolved = inTime.filter((event) => isOpen(event.before) && isDone(event.after));
  const isIn = (state: State | null): number => (isOpen(state) && part(state as State) ? 1 : 0);
  return {
    opened: inTime.filter((event) => event.before === null).length,
    resolved: resolved.length,
    reopened: inTime.filter(isReopening).length,
    reassigned: inTime.filter(isReassigning).length,
    backlog: before.reduce((sum, event) => sum + isIn(event.after) - isIn(event.before), 0),
    timeToResolve: timesOf(
      resolved.map(({ at, born }) => Math.max(0, Date.parse(at) - Date.parse(String(born))) / 1000),
    ),
  };
}

/** An event that counts does so no earlier than those before it that count. */
function inTheirOrder(life: ModelLife): ModelEvent[] {
  let latest = '';
  return life.filter(counts).map((event) => {
    latest = event.at > latest ? event.at : latest;
    return { ...event, at: latest };
  });
}

/** Whether any figure can change by an event: those of open tickets also by team, service and priority. */
const counts = (event: ModelEvent): boolean =>
  event.before === null ||
  isReopening(event) ||
  isReassigning(event) ||
  isOpen(event.before) !== isOpen(event.after) ||
  (isOpen(event.after) && partsOf(event.before) !== partsOf(event.after));

const partsOf = ({ team, service, priority }: State): string =>
  [team?.id ?? '', service?.id ?? '', priority].join(' ');

const isReopening = ({ before, after }: ModelEvent): boolean =>
  before !== null && after.reopenCount > before.reopenCount;

const isReassigning = ({ before, after }: ModelEvent): boolean =>
  isLost(before?.assignee, after.assignee) || isLost(before?.team, after.team);

const isLost = (before: { id: string } | null | undefined, after: { id: string } | null): boolean =>
  Boolean(before) && before?.id !== after?.id;

function timesOf(took: number[]) {
  if (took.length === 0) return null;
  const sorted = took.map((seconds) => Math.round(seconds)).sort((one, other) => one - other);
  const quantile = (part: number): number => {
    const place = part * (sorted.length - 1);
    const [low, high] = [sorted[Math.floor(place)] as number, sorted[Math.ceil(place)] as number];
    return Math.round((low + (high - low) * (place - Math.floor(place))) * 1000) / 1000;
  };
  return {
    mean: sorted.reduce((sum, one) => sum + one, 0) / sorted.length,
    median: quantile(0.5),
    p90: quantile(0.9),
  };
}
