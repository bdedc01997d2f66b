import fc from 'fast-check';
import { expect, test } from 'vitest';
import { actorOf, DomainError } from '../core/index.ts';
import { anyCreation, anyMove, anyPatch } from '../testing/arbitraries.ts';
import { administrator } from '../testing/index.ts';
import { recordedFields, replayedFields } from '../testing/replay.ts';
import { transition } from './lifecycle.ts';
import { priorityOf } from './priority.ts';
import { Chronicle } from './record.ts';
import type { CreateTicket, MoveTicket } from './schema.ts';
import { edited, moved, opened, type TicketDraft, type TicketState } from './ticket.ts';

type Step = { edit: Parameters<typeof edited>[1] } | { move: Omit<MoveTicket, 'id'> };

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 1, arbitrary: anyPatch.map((edit) => ({ edit })) },
  { weight: 3, arbitrary: anyMove.map((move) => ({ move })) },
);
const at = (step: number): Date => new Date(Date.UTC(2026, 0, 1, 0, step));

/** Applies a step; a step that the rules refuse leaves the draft as it was. */
function apply(draft: TicketDraft, step: Step, now: Date): TicketDraft {
  try {
    return 'edit' in step ? edited(draft, step.edit) : moved(draft, step.move, now);
  } catch (error) {
    if (error instanceof DomainError) return draft;
    throw error;
  }
}

function checkState(state: TicketState): void {
  const done = state.status === 'resolved' || state.status === 'closed';
  expect(state.holdReason !== null).toBe(state.status === 'on_hold');
  expect(state.resolution !== null).toBe(done);
  expect(state.resolvedAt !== null).toBe(done);
  expect(state.closedAt !== null).toBe(state.status === 'closed');
  expect(state.tags).toEqual([...new Set(state.tags)].sort());
}

test('no sequence of calls reaches a state that the lifecycle forbids', () => {
  fc.assert(
    fc.property(
      anyCreation,
      fc.array(anyStep, { maxLength: 20, size: 'max' }),
      (creation: CreateTicket, steps) => {
        let draft = opened(creation);
        expect(draft.state.status).toBe('open');
        for (const [index, step] of steps.entries()) {
          const before = draft.state;
          draft = apply(draft, step, at(index));
          checkState(draft.state);
          const row = transition(before.status, draft.state.status);
          if (draft.state.status !== before.status) expect(row).toBeDefined();
          const reopened = draft.state.status !== before.status && row?.reopens;
          expect(draft.state.reopenCount - before.reopenCount).toBe(reopened ? 1 : 0);
        }
      },
    ),
    { numRuns: 500 },
  );
});

test('a priority set by hand stays, and until then the matrix decides when it can', () => {
  fc.assert(
    fc.property(anyCreation, fc.array(anyPatch, { maxLength: 10 }), (creation, patches) => {
      let draft = opened(creation);
      let byHand = creation.priority;
      for (const patch of patches) {
        draft = edited(draft, patch);
        byHand = patch.priority ?? byHand;
        const { impact, urgency, priority } = draft.state;
        if (byHand) expect(priority).toBe(byHand);
        else if (impact && urgency) expect(priority).toBe(priorityOf(impact, urgency));
      }
    }),
  );
});

test('events replayed from nothing give the state, whatever was done', () => {
  fc.assert(
    fc.property(anyCreation, fc.array(anyStep, { maxLength: 20, size: 'max' }), (creation, steps) => {
      const chronicle = Chronicle.create(opened(creation), { at: at(0), actor: actorOf(administrator) });
      for (const [index, step] of steps.entries()) {
        const now = at(index + 1);
        chronicle.to(apply(chronicle.draft, step, now), { at: now, actor: actorOf(administrator) });
      }
      expect(replayedFields(chronicle.events)).toEqual(recordedFields({ ...chronicle.draft.state }));
      expect(chronicle.version).toBe(chronicle.events.length);
    }),
    { numRuns: 500 },
  );
});

test('an event names its kind: created, then updated, status_changed or reopened', () => {
  const stamp = { at: at(0), actor: actorOf(administrator) };
  const chronicle = Chronicle.create(opened({ title: 'Disk full' }), stamp);
  const move = (target: Omit<MoveTicket, 'id'>) => chronicle.to(moved(chronicle.draft, target, at(1)), stamp);
  chronicle.to(edited(chronicle.draft, { title: 'Disk very full' }), stamp);
  move({ status: 'on_hold', holdReason: 'vendor' });
  move({ status: 'on_hold', holdReason: 'requester' });
  move({ status: 'resolved', resolution: { code: 'fixed' } });
  move({ status: 'in_progress' });
  expect(chronicle.events.map(({ type }) => type)).toEqual([
    'created',
    'updated',
    'status_changed',
    'status_changed',
    'status_changed',
    'reopened',
  ]);
});

const draftIn: Record<string, TicketDraft> = (() => {
  const open = opened({ title: 'Disk full' });
  return {
    open,
    on_hold: moved(open, { status: 'on_hold', holdReason: 'vendor' }, at(1)),
    resolved: moved(open, { status: 'resolved', resolution: { code: 'fixed' } }, at(1)),
  };
})();

const codeOf = (work: () => unknown): string => {
  try {
    work();
    return 'none';
  } catch (error) {
    return error instanceof DomainError
      ? `${error.code} ${String(error.faults[0]?.path[0] ?? '')}`.trim()
      : String(error);
  }
};

test.each([
  ['open', { status: 'on_hold' }, 'ticket.move_incomplete holdReason'],
  ['open', { status: 'resolved' }, 'ticket.move_incomplete resolution'],
  ['open', { status: 'closed' }, 'ticket.move_incomplete resolution'],
  ['open', { status: 'in_progress', holdReason: 'vendor' }, 'ticket.move_incomplete holdReason'],
  ['open', { status: 'cancelled', resolution: { code: 'other' } }, 'ticket.move_incomplete resolution'],
  ['on_hold', { status: 'on_hold', holdReason: 'vendor' }, 'ticket.transition_not_allowed'],
  ['on_hold', { status: 'on_hold', holdReason: 'change' }, 'none'],
  ['resolved', { status: 'closed' }, 'none'],
  ['resolved', { status: 'closed', resolution: { code: 'duplicate' } }, 'none'],
  ['resolved', { status: 'on_hold' }, 'ticket.move_incomplete holdReason'],
  ['resolved', { status: 'on_hold', holdReason: 'requester' }, 'none'],
  ['resolved', { status: 'cancelled' }, 'ticket.transition_not_allowed'],
] as const)('from %s the move %j ends in %s', (from, move, expected) => {
  expect(codeOf(() => moved(draftIn[from]!, move as Omit<MoveTicket, 'id'>, at(2)))).toBe(expected);
});

test('closing straight from an unresolved state resolves at the same moment', () => {
  const { state } = moved(draftIn.open!, { status: 'closed', resolution: { code: 'wont_fix' } }, at(3));
  expect([state.resolvedAt, state.closedAt]).toEqual([at(3).toISOString(), at(3).toISOString()]);
});
