import type { Conditions, Rule, RulesFor, Who } from '../core/index.ts';

/**
 * Who sees, keeps and shares views. What is private is its owner's alone. Of a view that is changed the result must be
 * one that the caller could have made, too.
 */
export const viewRules: RulesFor = (who) => [
  ...reads(who).map((conditions): Rule => ({ action: 'read', subject: 'View', conditions })),
  ...makes(who).map((conditions): Rule => ({ action: 'create', subject: 'View', conditions })),
  ...(who.role === 'auditor' ? [] : changes({ ownerId: who.id })),
  ...(who.role === 'admin' ? changes({ sharing: { $in: ['team', 'all'] }, ownerId: { $ne: null } }) : []),
];

const ofTeams = ({ teamIds }: Who): Conditions[] =>
  teamIds.length > 0 ? [{ teamId: { $in: [...teamIds] } }] : [];

const reads = (who: Who): Conditions[] => [
  { ownerId: who.id },
  { sharing: 'all' },
  ...(who.role === 'admin' ? [{ sharing: 'team' }] : ofTeams(who)),
];

function makes(who: Who): Conditions[] {
  switch (who.role) {
    case 'requester':
      return [{ sharing: 'private' }];
    case 'agent':
      return [{ sharing: 'private' }, ...ofTeams(who)];
    case 'lead':
      return [{ sharing: 'private' }, ...ofTeams(who), { sharing: 'all' }];
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
