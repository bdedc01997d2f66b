import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Failure } from '../failures.ts';

/** What `tocsin login` keeps. */
export interface Credentials {
  readonly url: string;
  readonly token: string;
}

/** The file of a person's credentials: nobody else may read it. */
export class CredentialsFile {
  readonly path: string;

  constructor(configHome: string) {
    this.path = join(configHome, 'tocsin', 'credentials.json');
  }

  /** What was kept, or null when nothing was. @throws Failure when the file is damaged, or not this account's alone */
  read(): Credentials | null {
    try {
      checkPrivate(dirname(this.path), { forbidden: 0o022, mode: '700' });
      checkPrivate(this.path, { forbidden: 0o077, mode: '600' });
      const { url, token } = JSON.parse(readFileSync(this.path, 'utf8')) as Partial<Credentials>;
      if (typeof url === 'string' && typeof token === 'string') return { url, token };
    } catch (error) {
      if (isMissing(error)) return null;
      if (!(error instanceof SyntaxError) && !(error instanceof TypeError)) throw error;
    }
    throw new Failure(`${this.path} is damaged.\nLog in again with \`tocsin login\`.`);
  }

  /** Written aside and then renamed, so that no moment has half a file, or one that others may read. */
  write(credentials: Credentials): void {
    mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 });
    const aside = `${this.path}.${randomBytes(6).toString('hex')}`;
    writeFileSync(aside, `${JSON.stringify(credentials, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
    renameSync(aside, this.path);
  }

  /** @returns false when there was nothing to remove */
  remove(): boolean {
    try {
      rmSync(this.path);
      return true;
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
  }
}

interface Privacy {
  /** Permission bits that no other account may have. */
  readonly forbidden: number;
  /** The argument of chmod that takes them away. */
  readonly mode: string;
}

/** A token that others may read, or an address that they may change, must not be used. @throws Failure */
function checkPrivate(path: string, { forbidden, mode }: Privacy): void {
  const { uid, mode: bits } = statSync(path);
  if (uid !== process.getuid?.() && uid !== 0)
    throw new Failure(
      `${path} belongs to another account (uid ${uid}).\nRemove it, and log in again with \`tocsin login\`.`,
    );
  if ((bits & forbidden) !== 0)
    throw new Failure(
      `Other accounts may read or change ${path}.\nRun: chmod ${mode} ${path}\nIf somebody may have read it, end its token: tocsin logout, then tocsin login.`,
    );
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
