import type { RulesFor } from '../core/index.ts';

/** Administration is watched by administrators and auditors. */
export const auditRules: RulesFor = ({ role }) =>
  role === 'admin' || role === 'auditor' ? [{ action: 'read', subject: 'AuditEntry' }] : [];
