import { z } from 'zod';
import { ActorView, pageFields, timestamp, uuid } from '../core/index.ts';

/** Everything that is recorded of administration. */
export const auditActions = [
  'user.created',
  'user.changed',
  'user.deactivated',
  'user.reactivated',
  'user.unlocked',
  'team.created',
  'team.changed',
  'team.member_added',
  'team.member_removed',
  'service.created',
  'service.changed',
  'session.started',
  'session.failed',
  'session.ended',
  'password.changed',
  'password.change_failed',
  'password.reset_made',
  'password.reset_redeemed',
  'token.created',
  'token.revoked',
  'view.created',
  'view.changed',
  'view.deleted',
  'people.imported',
  'desk.restored',
] as const;
export type AuditAction = (typeof auditActions)[number];

export const subjectTypes = ['user', 'team', 'service', 'token', 'view'] as const;

export const AuditEntry = z
  .strictObject({
    id: z.uuid(),
    at: z.iso.datetime(),
    action: z.enum(auditActions),
    actor: ActorView.nullable().describe(
      'Null where nobody had shown who they are, as in a failed login; of kind `system` for what was done at the server, such as restoring a backup',
    ),
    subject: z
      .strictObject({ type: z.enum(subjectTypes), id: z.uuid(), name: z.string().describe('As it was then') })
      .nullable()
      .describe(
        'Whom or what it was done to; null for the desk as a whole, for a login under an address that nobody has, and for the people of an import',
      ),
    changes: z
      .record(z.string(), z.strictObject({ from: z.unknown(), to: z.unknown() }))
      .describe('For each changed field its value before and after; never a secret'),
    address: z.string().nullable().describe('Where the request came from'),
    requestId: z.string().nullable(),
  })
  .meta({
    id: 'AuditEntry',
    description: 'One act of administration; never changed, never deleted',
    examples: [
      {
        id: '019c1378-2a00-7d3b-9a50-3f5c1b7e9d11',
        at: '2026-01-31T09:41:12.345Z',
        action: 'user.changed',
        actor: { id: '00000000-0000-7000-8000-000000000001', kind: 'user', name: 'Administrator' },
        subject: { type: 'user', id: '019c1378-2a00-7d3b-9a50-3f5c1b7e9d12', name: 'Night shift' },
        changes: { role: { from: 'agent', to: 'lead' } },
        address: '192.0.2.7',
        requestId: '019c1378-2a00-7d3b-9a50-3f5c1b7e9d10',
      },
    ],
  });
export type AuditEntry = z.output<typeof AuditEntry>;

export const ListAudit = z
  .strictObject({
    ...pageFields,
    action: z
      .array(z.enum(auditActions))
      .min(1)
      .max(auditActions.length)
      .describe('One of these acts')
      .optional(),
    actorId: uuid().describe('Done by this user').optional(),
    subjectId: uuid().describe('Done to this user, team, service or token').optional(),
    atAfter: timestamp().describe('At this moment or later').optional(),
    atBefore: timestamp().describe('Before this moment').optional(),
  })
  .prefault({});
export type ListAudit = z.output<typeof ListAudit>;
