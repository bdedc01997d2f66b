import type { Rule, RulesFor } from '../core/index.ts';

/** What colleagues see of each other. */
const names = ['id', 'name', 'kind', 'active'];

const self = (id: string): Rule => ({ action: 'read', subject: 'User', conditions: { id } });
const colleagues: readonly Rule[] = [
  { action: 'read', subject: 'User', fields: names },
  { action: 'read', subject: 'Team' },
];

/** Who may see, make and change people and teams. */
export const identityRules: RulesFor = ({ id, role, teamIds }) => {
  switch (role) {
    case 'requester':
      return [self(id)];
    case 'agent':
      return [self(id), ...colleagues];
    case 'lead':
      return [self(id), ...colleagues, membersOf(teamIds)];
    case 'auditor':
      return [
        { action: 'read', subject: 'User' },
        { action: 'read', subject: 'Team' },
      ];
    case 'admin':
      return [
        { action: 'read', subject: 'User' },
        { action: 'create', subject: 'User' },
        { action: 'edit', subject: 'User', fields: ['name', 'email', 'role', 'active', 'password'] },
        { action: 'edit', subject: 'User', fields: ['role'], conditions: { id }, inverted: true },
        { action: 'read', subject: 'Team' },
        { action: 'create', subject: 'Team' },
        { action: 'edit', subject: 'Team' },
      ];
  }
};

/** A lead looks after the teams that they belong to. */
const membersOf = (teamIds: readonly string[]): Rule => ({
  action: 'edit',
  subject: 'Team',
  fields: ['members'],
  conditions: { id: { $in: [...teamIds] } },
});
