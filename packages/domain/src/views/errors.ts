import { DomainError, forbidden } from '../core/index.ts';
import type { View } from './schema.ts';

export const viewNotFound = (): DomainError =>
  new DomainError({ code: 'view.not_found', detail: 'View not found' });

/** @param isOurs whether it comes with the desk */
export const viewForbidden = (isOurs: boolean): DomainError =>
  forbidden(
    'view.change_denied',
    isOurs
      ? 'This view comes with the desk and stays as it is; keep one of your own'
      : 'Only its owner may change this view, and a shared one an administrator',
  );

export const sharingForbidden = (): DomainError =>
  forbidden('view.sharing_denied', 'You may not share a view so', [
    { path: ['sharing'], message: 'Agents share with their own teams, leads also with everybody' },
  ]);

export const viewNameTaken = (): DomainError =>
  new DomainError({
    code: 'view.name_taken',
    detail: 'You have a view of this name already',
    faults: [{ path: ['name'], message: 'Another view of its owner has it already' }],
  });

const MAX_LISTED = 10;

/** Several views have a name, and none comes before the others. @param field what named it */
export const viewAmbiguous = (field: string, views: readonly View[]): DomainError => {
  const told = views
    .slice(0, MAX_LISTED)
    .map(({ id, owner }) => (owner === undefined ? id : `${id} of ${owner?.name ?? 'the desk'}`));
  const detail = `Several views are called so; name the one that is meant by its id: ${told.join(', ')}`;
  return new DomainError({
    code: 'view.ambiguous',
    detail,
    faults: [{ path: [field], message: detail }],
  });
};
