import { DomainError, invalidInput } from '../core/index.ts';

/** The same whether the account does not exist, may not log in, or has another password. */
export const loginRefused = (): DomainError =>
  new DomainError({
    code: 'session.refused',
    detail: 'The email or the password is wrong',
  });

export const notASession = (): DomainError =>
  new DomainError({
    code: 'session.not_a_session',
    detail: 'This token is not a session; an API token is revoked by DELETE /tokens/{id}',
  });

export const wrongPassword = (): DomainError =>
  invalidInput([{ path: ['current'], message: 'This is not your password' }], 'password.wrong');

export const weakPassword = (faults: Parameters<typeof invalidInput>[0]): DomainError =>
  invalidInput(faults, 'password.weak');

/** The same for a reset that never was, was redeemed, replaced or has expired. */
export const resetInvalid = (): DomainError =>
  invalidInput(
    [{ path: ['token'], message: 'This reset is not valid, or no longer' }],
    'password_reset.invalid',
  );

export const cannotLogIn = (): DomainError =>
  new DomainError({
    code: 'user.cannot_log_in',
    detail: 'Only an active person with an email can log in',
  });

/** A replayed answer must not hand out a secret that is refused everywhere. */
export const keptSecretEnded = (): DomainError =>
  new DomainError({
    code: 'idempotency.secret_ended',
    detail:
      'The token that this Idempotency-Key was answered with has ended since; send the request with a new key',
  });

export const tokenNotFound = (): DomainError =>
  new DomainError({ code: 'token.not_found', detail: 'Token not found' });
