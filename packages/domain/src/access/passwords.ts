import { randomBytes } from 'node:crypto';
import { hash, hashRaw, verify } from '@node-rs/argon2';
import type { InputFault } from '../core/index.ts';

/** argon2id as OWASP's Password Storage Cheat Sheet has it: 19 MiB, two passes, one lane. They are the library's own. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const MIN_LENGTH = 12;

/** Two keyboards may write one letter in two ways; NFKC makes them one (NIST SP 800-63B, 5.1.1.2). */
const normal = (password: string): string => password.normalize('NFKC');

/** What is kept of a password. */
export const hashPassword = (password: string): Promise<string> => hash(normal(password), cost);

/** A secret that only who knows the password can make again, by the same work as finding the password out. */
export const secretOf = (password: string, salt: Buffer): Promise<Buffer> =>
  hashRaw(normal(password), { ...cost, salt });

/** A hash that no password has, for accounts that have none: refusing them must take as long as refusing any other. */
let decoy: Promise<string> | undefined;

/** True when this is the password. Does the same work when there is none to compare with. */
export async function isPassword(kept: string | null, offered: string): Promise<boolean> {
  decoy ??= hash(randomBytes(32), cost);
  const nobody = await decoy;
  const matches = await verify(kept ?? nobody, normal(offered));
  return matches && kept !== null;
}

/** What is wrong with a new password; nothing when it will do. @param field where it stands in the input */
export async function passwordFaults(
  password: string,
  { email, field }: { email: string | null; field: string },
): Promise<InputFault[]> {
  const plain = normal(password).toLowerCase();
  const fault = (message: string): InputFault[] => [{ path: [field], message }];
  // A single letter may become a whole sentence in NFKC, and the other way round.
  if (Math.min([...password].length, [...normal(password)].length) < MIN_LENGTH)
    return fault(`Must have ${MIN_LENGTH} characters or more`);
  if (email !== null && plain === email.toLowerCase()) return fault('Must not be the email');
  return (await commonPasswords()).has(plain)
    ? fault('Is one of the most common passwords; choose another')
    : [];
}

let common: Promise<ReadonlySet<string>> | undefined;

/** The 49,233 most common passwords of the zxcvbn project, read when the first password is set. */
const commonPasswords = (): Promise<ReadonlySet<string>> => {
  common ??= import('@zxcvbn-ts/language-common').then(
    ({ dictionary }) =>
      new Set((dictionary['passwords-common'] as string[]).filter((word) => word.length >= MIN_LENGTH)),
  );
  return common;
};
