import type { Action, Scope, SubjectName } from '@tocsin/domain';

/** What a write may tell a caller whose token is narrowed to less than reading. */
export interface Disclosure {
  /** The scope that lets a token read what the write answers. */
  readonly scope: Scope;
  /** The fields that every token is answered, beside those that it wrote. */
  readonly always: readonly string[];
  /** Fields of another kind of thing, and the scope that lets a token read them. */
  readonly others?: Readonly<Record<string, Scope>>;
}

/** What a procedure asks of its caller before anything is read. */
export interface Permission {
  /** The action that some rule of the caller must give, for some row; null: everybody may. */
  readonly gate: { readonly action: Action; readonly subject: SubjectName } | null;
  /** The scope that a narrowed token must have. `any`: every token will do; `whole`: only one that is not narrowed. */
  readonly scope: Scope | 'any' | 'whole';
  /** What its answer tells a token that is narrowed to less than reading; left out, all of it. */
  readonly disclosure?: Disclosure;
}

const on = (
  action: Action,
  subject: SubjectName,
  ...[scope, disclosure]: [Permission['scope'], Disclosure?]
): Permission => ({
  gate: { action, subject },
  scope,
  ...(disclosure ? { disclosure } : {}),
});

const ticket: Disclosure = { scope: 'tickets:read', always: ['id', 'key', 'version'] };
const view: Disclosure = { scope: 'tickets:read', always: ['id'] };
/** A person who is deactivated leaves tickets behind, which the answer lists. */
const user: Disclosure = { scope: 'users:read', always: ['id'], others: { openTickets: 'tickets:read' } };
const team: Disclosure = { scope: 'users:read', always: ['id'] };

/** What procedures ask for, by name. Which rows and fields it is given for, the domain's rules say. */
export const permissions = {
  'self.read': { gate: null, scope: 'any' },
  'self.change': { gate: null, scope: 'whole' },
  'ticket.create': on('create', 'Ticket', 'tickets:write', ticket),
  'ticket.read': on('read', 'Ticket', 'tickets:read'),
  'ticket.edit': on('edit', 'Ticket', 'tickets:write', ticket),
  // Whoever may see a ticket is told first whether its lifecycle has the move at all.
  'ticket.move': on('read', 'Ticket', 'tickets:write', ticket),
  'history.append': on('append', 'History', 'admin'),
  'user.read': on('read', 'User', 'users:read'),
  'user.create': on('create', 'User', 'admin', user),
  // Whoever may see a user is told which of the fields they may not set.
  'user.edit': on('read', 'User', 'admin', user),
  // Whoever has a reset can log in as its person, who may do more than a narrowed token.
  'user.reset_password': on('edit', 'User', 'whole'),
  'team.read': on('read', 'Team', 'users:read'),
  'team.create': on('create', 'Team', 'admin', team),
  'team.edit': on('edit', 'Team', 'admin', team),
  'service.read': on('read', 'Service', 'users:read'),
  'service.create': on('create', 'Service', 'admin', team),
  'service.edit': on('edit', 'Service', 'admin', team),
  'token.read': on('read', 'Token', 'whole'),
  'token.create': on('create', 'Token', 'whole'),
  'token.revoke': on('revoke', 'Token', 'whole'),
  'view.read': on('read', 'View', 'tickets:read'),
  'view.create': on('create', 'View', 'tickets:write', view),
  // Whoever may see a view is told that it is not theirs to change.
  'view.edit': on('read', 'View', 'tickets:write', view),
  'audit.read': on('read', 'AuditEntry', 'audit:read'),
} as const satisfies Record<string, Permission>;

export type PermissionName = keyof typeof permissions;

/** What the answer of a write holds for a token that may not read it; undefined where every token has all of it. */
export function disclosureOf({
  permission,
}: {
  permission: PermissionName | 'open' | undefined;
}): Disclosure | undefined {
  if (permission === undefined || permission === 'open') return undefined;
  const { disclosure }: Permission = permissions[permission];
  return disclosure;
}
