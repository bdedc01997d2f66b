import type { RulesFor } from '../core/index.ts';

/** Who sees and keeps the list of what is operated. A requester sees what there is to name in a ticket, and no more. */
export const serviceRules: RulesFor = ({ role }) => {
  switch (role) {
    case 'requester':
      return [{ action: 'read', subject: 'Service', fields: ['id', 'name'] }];
    case 'agent':
    case 'lead':
    case 'auditor':
      return [{ action: 'read', subject: 'Service' }];
    case 'admin':
      return [
        { action: 'read', subject: 'Service' },
        { action: 'create', subject: 'Service' },
        { action: 'edit', subject: 'Service' },
      ];
  }
};
