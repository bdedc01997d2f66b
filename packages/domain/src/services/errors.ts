import { DomainError } from '../core/index.ts';

/** The same for one that does not exist and for one that the caller may not know of. */
export const serviceNotFound = (): DomainError =>
  new DomainError({ code: 'service.not_found', detail: 'Service not found' });

export const serviceNameTaken = (): DomainError =>
  new DomainError({
    code: 'service.name_taken',
    detail: 'Another service has this name already',
    faults: [{ path: ['name'], message: 'Another service has it already' }],
  });
