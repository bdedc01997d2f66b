import { type Context, forbidden, type Role, type Scope } from '../core/index.ts';

/** The scopes that a role's work takes. No narrowed token has all that an administrator may do. */
const scopesOfRole: Readonly<Record<Role, readonly Scope[] | null>> = {
  requester: ['tickets:read', 'tickets:write'],
  agent: ['tickets:read', 'tickets:write', 'users:read'],
  lead: ['tickets:read', 'tickets:write', 'users:read'],
  auditor: ['tickets:read', 'users:read', 'audit:read'],
  admin: null,
};

/** What a member of a team may do beyond anybody else of their role: read and write its restricted tickets. */
const scopesOfMember: readonly Scope[] = ['tickets:read', 'tickets:write'];

/**
 * Refuses a narrowed token that would give an account, which somebody can log in with, a role with more than its scopes.
 * @throws token.scope_missing, which names `field`
 */
export function checkRoleGrant(ctx: Context, role: Role, field: string): void {
  const missing = missingScopes(ctx, scopesOfRole[role]);
  if (missing !== null) throw beyondScopes(`let somebody act as ${role}`, missing, field);
}

/** Refuses a narrowed token that would open a team's restricted tickets to somebody. @throws token.scope_missing */
export function checkMemberGrant(ctx: Context): void {
  const missing = missingScopes(ctx, scopesOfMember);
  if (missing !== null) throw beyondScopes('take somebody into a team', missing);
}

/** Refuses a narrowed token that would make a way to log in, which has no scopes. @throws token.scope_missing */
export function checkLoginGrant({ caller }: Context, field: string): void {
  if (caller.credential.scopes !== null) throw beyondScopes('set a password', [], field);
}

/** The scopes that a narrowed token lacks; empty when no scopes would do, null when it lacks nothing. */
function missingScopes({ caller }: Context, needed: readonly Scope[] | null): readonly Scope[] | null {
  const { scopes } = caller.credential;
  if (scopes === null) return null;
  if (needed === null) return [];
  const missing = needed.filter((scope) => !scopes.includes(scope));
  return missing.length > 0 ? missing : null;
}

function beyondScopes(what: string, missing: readonly Scope[], field?: string) {
  const remedy =
    missing.length > 0 ? `it also needs ${missing.join(', ')}` : 'use a session, or a token without scopes';
  const message = `A token that is narrowed by scopes gives no more than it has, and may not ${what}: ${remedy}`;
  return forbidden('token.scope_missing', message, field === undefined ? [] : [{ path: [field], message }]);
}
