export { type Authenticate, Authenticator } from './authenticator.ts';
export { forgetOldNetworks, networkOf } from './known-networks.ts';
export { me, ruleOf } from './me.ts';
export {
  changePassword,
  checkPassword,
  endEverything,
  makeReset,
  redeemReset,
  setPassword,
  unlock,
} from './password-changes.ts';
export { hashPassword } from './passwords.ts';
export { accessRules } from './permissions.ts';
export { type Allowance, RateLimiter } from './rate-limits.ts';
export { forgetOldWindows } from './rate-windows.ts';
export {
  ChangePassword,
  CreatedToken,
  CreateToken,
  ListTokens,
  MakeReset,
  Me,
  PasswordReset,
  RedeemReset,
  RevokeToken,
  RuleView,
  StartedSession,
  StartSession,
  Token,
  UnlockUser,
} from './schema.ts';
export { endSession, startSession } from './sessions.ts';
export { boundLifetimes } from './set-back.ts';
export { createToken, listTokens, revokeToken } from './tokens.ts';
