import { type RequestContext, utc } from '../core/index.ts';
import { keptSecretEnded } from './errors.ts';
import { PasswordResetRow, TokenRow } from './model.ts';
import { digestOf } from './secrets.ts';

/** Checks that the session or API token of a replayed answer still stands for somebody. @throws idempotency.secret_ended */
export async function checkTokenLives({ db, clock }: RequestContext, token: string): Promise<void> {
  const live = await TokenRow.query(db)
    .join('users', 'users.id', 'tokens.user_id')
    .where({ 'tokens.hash': digestOf(token), 'users.active': true })
    .whereNull('tokens.revoked_at')
    .where((either) =>
      either.whereNull('tokens.expires_at').orWhere('tokens.expires_at', '>', utc(clock.now())),
    )
    .select('tokens.id')
    .first();
  if (!live) throw keptSecretEnded();
}

/** Checks that the reset of a replayed answer can still be redeemed. @throws idempotency.secret_ended */
export async function checkResetLives({ db, clock }: RequestContext, token: string): Promise<void> {
  const open = await PasswordResetRow.query(db)
    .where('hash', digestOf(token))
    .where('expires_at', '>', utc(clock.now()))
    .select('user_id')
    .first();
  if (!open) throw keptSecretEnded();
}
