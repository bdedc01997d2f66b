import { DomainError, forbidden } from '../core/index.ts';

export const viewNotFound = (): DomainError =>
  new DomainError({ kind: 'not_found', code: 'view.not_found', detail: 'View not found' });

export const viewForbidden = (): DomainError =>
  forbidden('view.change_denied', 'Only its owner may change this view, and a shared one an administrator');

export const sharingForbidden = (): DomainError =>
  forbidden('view.sharing_denied', 'You may not share a view so', [
    { path: ['sharing'], message: 'Agents share with their own teams, leads also with everybody' },
  ]);
