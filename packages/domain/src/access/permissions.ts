import type { Rule, RulesFor } from '../core/index.ts';

/** Everybody has tokens of their own; an auditor's only read. */
export const accessRules: RulesFor = ({ id, role }) => {
  const own: Rule[] = [
    { action: 'read', subject: 'Token', conditions: { userId: id } },
    { action: 'revoke', subject: 'Token', conditions: { userId: id } },
    {
      action: 'create',
      subject: 'Token',
      conditions: role === 'auditor' ? { userId: id, reading: true } : { userId: id },
    },
  ];
  if (role !== 'admin') return own;
  return [
    ...own,
    { action: 'read', subject: 'Token' },
    { action: 'revoke', subject: 'Token' },
    { action: 'create', subject: 'Token', conditions: { ownerKind: 'service' } },
  ];
};
