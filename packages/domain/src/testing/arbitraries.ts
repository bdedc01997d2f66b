import fc from 'fast-check';
import { holdReasons, resolutionCodes, statuses } from '../tickets/lifecycle.ts';
import { grades, priorities } from '../tickets/priority.ts';
import { CreateTicket, EditTicket, MoveTicket, ticketTypes } from '../tickets/schema.ts';

const storable = (maxLength: number, minLength = 0) =>
  fc
    .string({ unit: 'binary', maxLength, minLength })
    .filter((text) => !text.includes('\0') && text.isWellFormed());

const line = storable(40, 1).filter((text) => text.trim() !== '');
const grade = fc.constantFrom(...grades, null);

const editable = {
  description: fc.option(storable(100)),
  type: fc.constantFrom(...ticketTypes),
  priority: fc.constantFrom(...priorities),
  impact: grade,
  urgency: grade,
  restricted: fc.boolean(),
  tags: fc.array(fc.constantFrom('vpn', 'Disk', 'änderung', 'b', 'a'), { maxLength: 4 }),
};

/** Input of `tickets.create`, as its schema hands it on. */
export const anyCreation = fc
  .record({ title: line, ...editable }, { requiredKeys: ['title'] })
  .map((input) => CreateTicket.parse(input));

/** Input of `tickets.edit`, but for the id. */
export const anyPatch = fc.record({ title: line, ...editable }, { requiredKeys: [] }).map((input) => {
  const { id: _, ...patch } = EditTicket.parse({ id: 1, ...input });
  return patch;
});

const resolution = fc.record(
  { code: fc.constantFrom(...resolutionCodes), note: storable(40) },
  { requiredKeys: ['code'] },
);
const status = fc.constantFrom(...statuses);
const holdReason = fc.constantFrom(...holdReasons);

/** A move that brings what its target asks for, so that sequences get somewhere. */
const wholeMove = fc.tuple(status, holdReason, resolution).map(([to, reason, how]) => ({
  status: to,
  ...(to === 'on_hold' ? { holdReason: reason } : {}),
  ...(to === 'resolved' || to === 'closed' ? { resolution: how } : {}),
}));
const wildMove = fc.record({ status, holdReason, resolution }, { requiredKeys: ['status'] });

/** Input of `tickets.move`, but for the id: legal or not. */
export const anyMove = fc
  .oneof({ weight: 4, arbitrary: wholeMove }, { weight: 1, arbitrary: wildMove })
  .map((input) => {
    const { id: _, ...move } = MoveTicket.parse({ id: 1, ...input });
    return move;
  });
