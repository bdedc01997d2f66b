import { DomainError } from '../core/index.ts';

/** The same for one who does not exist and for one that the caller may not know of. */
export const userNotFound = (): DomainError =>
  new DomainError({ code: 'user.not_found', detail: 'User not found' });

export const teamNotFound = (): DomainError =>
  new DomainError({ code: 'team.not_found', detail: 'Team not found' });

export const emailTaken = (): DomainError =>
  new DomainError({
    code: 'user.email_taken',
    detail: 'Another user has this email already',
    faults: [{ path: ['email'], message: 'Another user has it already' }],
  });

export const teamNameTaken = (): DomainError =>
  new DomainError({
    code: 'team.name_taken',
    detail: 'Another team has this name already',
    faults: [{ path: ['name'], message: 'Another team has it already' }],
  });

export const lastAdministrator = (): DomainError =>
  new DomainError({
    code: 'user.last_administrator',
    detail: 'This is the last active administrator; make another one first',
  });
