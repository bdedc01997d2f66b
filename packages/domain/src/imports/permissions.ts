import type { RulesFor } from '../core/index.ts';

/** Another system's history is taken over by administrators. */
export const importRules: RulesFor = ({ role }) =>
  role === 'admin' ? [{ action: 'append', subject: 'History' }] : [];
