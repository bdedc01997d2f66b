import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
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

  /** What was kept, or null when nothing was. @throws Failure when the file is damaged */
  read(): Credentials | null {
    try {
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

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
