import { DomainError, invalidInput } from '../core/index.ts';
import { reachableFrom, type Status } from './lifecycle.ts';

/** The same for a ticket that does not exist and for one that the caller may not know of. */
export const ticketNotFound = (): DomainError =>
  new DomainError({ code: 'ticket.not_found', detail: 'Ticket not found' });

/** Somebody else has changed the ticket since the caller saw it; the problem tells in `version` what it has now. */
export const versionMismatch = (version: number): DomainError =>
  new DomainError({
    code: 'ticket.version_mismatch',
    detail: `The ticket has version ${version} by now; read it again, and decide anew`,
    extra: { version },
  });

/** A move that the lifecycle does not have; the problem tells in `allowed` where the ticket can go. */
export function transitionNotAllowed(from: Status, to: Status): DomainError {
  const allowed = reachableFrom(from);
  const refusal =
    from === to ? `The ticket is ${to} already` : `A ticket that is ${from} cannot become ${to}`;
  return new DomainError({
    code: 'ticket.transition_not_allowed',
    detail: `${refusal}; from here it can go to ${allowed.join(', ')}`,
    extra: { allowed },
    discreetDetail:
      'The lifecycle has no such move for this ticket; a token with the scope tickets:read is told which it has',
  });
}

/** A restricted ticket that the caller could not read afterwards, so that it would vanish before their eyes. */
export const ticketOutOfSight = (): DomainError =>
  invalidInput(
    [
      {
        path: ['restricted'],
        message:
          'You could not read this ticket: a restricted ticket is read by its requester, its assignee and its team. Name yourself as one of them, or a team of yours',
      },
    ],
    'ticket.out_of_sight',
  );

/** A move that is legal, but does not bring what it needs, or brings what has no place in it. */
export const moveFault = (field: 'holdReason' | 'resolution', message: string): DomainError =>
  invalidInput([{ path: [field], message }], 'ticket.move_incomplete');

/** A move that the lifecycle has, but that is not the caller's to make. */
export const moveForbidden = (from: Status, to: Status): DomainError =>
  new DomainError({
    code: 'ticket.move_denied',
    detail: `You may not move this ticket from ${from} to ${to}`,
    discreetDetail: `You may not move this ticket to ${to}`,
  });
