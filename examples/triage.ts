/**
 * The morning's triage, as a script of one's own:
 *
 *   TOCSIN_TOKEN=… node_modules/.bin/node examples/triage.ts
 *
 * (Any Node from 24 on; it runs TypeScript as it is.)
 */
import { createClient, type Outputs, problemOf } from '@tocsin/client';

type Ticket = Outputs['tickets']['get'];

const desk = createClient({
  url: process.env.TOCSIN_URL ?? 'http://127.0.0.1:8000',
  token: process.env.TOCSIN_TOKEN ?? '',
});

const line = (ticket: Ticket): string => `${ticket.key}  ${ticket.priority.padEnd(6)}  ${ticket.title}`;

// What nobody has looked at yet, newest first. `nextCursor` is null on the last page.
const waiting = await desk.tickets.list.query({ status: ['open'], limit: 20 });
for (const ticket of waiting.items) console.log(line(ticket));
if (waiting.nextCursor) console.log('… and more');

const opened = await desk.tickets.create.mutate({
  title: 'VPN drops every ten minutes',
  description: 'Since this morning, in the whole **second floor**.',
  impact: 'medium',
  urgency: 'high',
  tags: ['vpn', 'network'],
});
console.log(`opened  ${line(opened)}`);

await desk.tickets.move.mutate({ id: opened.id, status: 'on_hold', holdReason: 'vendor' });
await desk.tickets.move.mutate({
  id: opened.key,
  status: 'resolved',
  resolution: { code: 'fixed', note: 'The vendor replaced the switch.' },
});

try {
  // The lifecycle has no way from resolved to cancelled.
  await desk.tickets.move.mutate({ id: opened.id, status: 'cancelled' });
} catch (error) {
  const problem = problemOf(error);
  if (problem?.code !== 'ticket.transition_not_allowed') throw error;
  console.log(`refused  ${problem.status} ${problem.detail}`, problem.allowed);
}
