import type { Conditions, Principal, Rule, RulesFor } from '../core/index.ts';

/**
 * Who sees, keeps and shares views. What is private is its owner's alone. Of a view that is changed the result must be
 * one that the caller could have made, too.
 */
export const viewRules: RulesFor = (principal) => [
  ...reads(principal).map((conditions): Rule => ({ action: 'read', subject: 'View', conditions })),
  ...makes(principal).map((conditions): Rule => ({ action: 'create', subject: 'View', conditions })),
  ...(principal.role === 'auditor' ? [] : changes({ ownerId: principal.id })),
  ...(principal.role === 'admin'
    ? changes({ sharing: { $in: ['team', 'all'] }, ownerId: { $ne: null } })
    : []),
];

const ofTeams = ({ teamIds }: Principal): Conditions[] =>
  teamIds.length > 0 ? [{ teamId: { $in: [...teamIds] } }] : [];

const reads = (principal: Principal): Conditions[] => [
  { ownerId: principal.id },
  { sharing: 'all' },
  ...(principal.role === 'admin' ? [{ sharing: 'team' }] : ofTeams(principal)),
];

function makes(principal: Principal): Conditions[] {
  switch (principal.role) {
    case 'requester':
      return [{ sharing: 'private' }];
    case 'agent':
      return [{ sharing: 'private' }, ...ofTeams(principal)];
    case 'lead':
      return [{ sharing: 'private' }, ...ofTeams(principal), { sharing: 'all' }];
    case 'admin':
      return [{ sharing: { $in: ['private', 'team', 'all'] } }];
    case 'auditor':
      return [];
  }
}

const changes = (conditions: Conditions): Rule[] => [
  { action: 'edit', subject: 'View', conditions },
  { action: 'delete', subject: 'View', conditions },
];
