import type { Action, Scope, SubjectName } from '@tocsin/domain';

/** What a procedure asks of its caller before anything is read. */
export interface Permission {
  /** The action that some rule of the caller must give, for some row; null: everybody may. */
  readonly gate: { readonly action: Action; readonly subject: SubjectName } | null;
  /** The scope that a narrowed token must have. `any`: every token will do; `whole`: only one that is not narrowed. */
  readonly scope: Scope | 'any' | 'whole';
}

const on = (action: Action, subject: SubjectName, scope: Permission['scope']): Permission => ({
  gate: { action, subject },
  scope,
});

/** What procedures ask for, by name. Which rows and fields it is given for, the domain's rules say. */
export const permissions = {
  'self.read': { gate: null, scope: 'any' },
  'self.change': { gate: null, scope: 'whole' },
  'ticket.create': on('create', 'Ticket', 'tickets:write'),
  'ticket.read': on('read', 'Ticket', 'tickets:read'),
  'ticket.edit': on('edit', 'Ticket', 'tickets:write'),
  // Whoever may see a ticket is told first whether its lifecycle has the move at all.
  'ticket.move': on('read', 'Ticket', 'tickets:write'),
  'history.append': on('append', 'History', 'admin'),
  'user.read': on('read', 'User', 'users:read'),
  'user.create': on('create', 'User', 'admin'),
  // Whoever may see a user is told which of the fields they may not set.
  'user.edit': on('read', 'User', 'admin'),
  'user.reset_password': on('edit', 'User', 'admin'),
  'team.read': on('read', 'Team', 'users:read'),
  'team.create': on('create', 'Team', 'admin'),
  'team.edit': on('edit', 'Team', 'admin'),
  'service.read': on('read', 'Service', 'users:read'),
  'service.create': on('create', 'Service', 'admin'),
  'service.edit': on('edit', 'Service', 'admin'),
  'token.read': on('read', 'Token', 'whole'),
  'token.create': on('create', 'Token', 'whole'),
  'token.revoke': on('revoke', 'Token', 'whole'),
  'view.read': on('read', 'View', 'tickets:read'),
  'view.create': on('create', 'View', 'tickets:write'),
  // Whoever may see a view is told that it is not theirs to change.
  'view.edit': on('read', 'View', 'tickets:write'),
  'audit.read': on('read', 'AuditEntry', 'audit:read'),
} as const satisfies Record<string, Permission>;

export type PermissionName = keyof typeof permissions;
