import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readOwnFile, UntrustedFile } from './own-file.ts';

/** What a running server leaves in the data folder, so that the CLI of the same checkout finds it. */
const Announcement = z.object({ url: z.string(), pid: z.int() });
export type Announcement = z.output<typeof Announcement>;

export interface KeptToken {
  readonly token: string;
  /** True at the first start only: then it is shown to whoever started Tocsin, and never again. */
  readonly fresh: boolean;
}

/** The folder where a desk keeps what is not in its database: generated keys, and the embedded database itself. */
export class DataFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** Where the embedded database lives. */
  get cluster(): string {
    return join(this.path, 'postgres');
  }

  /** Locked by the process that serves this folder. */
  get claim(): string {
    return join(this.path, 'claim');
  }

  get #tokenFile(): string {
    return join(this.path, 'admin-token');
  }

  get #announcementFile(): string {
    return join(this.path, 'server.json');
  }

  /**
   * Nobody else may look into it, for it holds keys; but the account of the database must be able to pass through.
   * @throws UntrustedFile when accounts of its group, or all, may write in it
   */
  create(): void {
    mkdirSync(this.path, { recursive: true, mode: 0o711 });
    if ((statSync(this.path).mode & 0o022) !== 0)
      throw new UntrustedFile(
        `Other accounts may write in ${this.path}, where the desk keeps its keys.\nRun: chmod go-w ${this.path}, or name another folder in TOCSIN_DATA_DIR.`,
      );
  }

  /**
   * The administrator's token that was made here, or null when there is none (or it is not ours to read).
   * @throws UntrustedFile when another account may have written it
   */
  readToken(): string | null {
    return readOwnFile(this.#tokenFile);
  }

  /** The administrator's token, made when there is none yet. Of two processes that make one at once, one wins. */
  keepToken(): KeptToken {
    const kept = this.readToken();
    if (kept) return { token: kept, fresh: false };
    const token = `toc_${randomBytes(32).toString('base64url')}`;
    const draft = `${this.#tokenFile}.${process.pid}`;
    writeFileSync(draft, token, { mode: 0o600 });
    try {
      // A link is made whole or not at all, and not over another: dying here leaves no empty token behind.
      linkSync(draft, this.#tokenFile);
      return { token, fresh: true };
    } catch (error) {
      const theirs = this.readToken();
      if (theirs) return { token: theirs, fresh: false };
      throw error;
    } finally {
      rmSync(draft, { force: true });
    }
  }

  /** Forgets a token that nobody was shown, so that the next start makes and shows one. */
  dropToken(): void {
    rmSync(this.#tokenFile, { force: true });
  }

  announce(announcement: Announcement): void {
    writeFileSync(this.#announcementFile, JSON.stringify(announcement), { mode: 0o600 });
  }

  /** Takes back the announcement of this process; another's stays. */
  withdraw(): void {
    if (this.readAnnouncement()?.pid === process.pid) rmSync(this.#announcementFile, { force: true });
  }

  /**
   * The server that runs on this folder, or null. One that was killed may have left its announcement behind.
   * @throws UntrustedFile when another account may have written it: the token would be sent where it says
   */
  readAnnouncement(): Announcement | null {
    const text = readOwnFile(this.#announcementFile);
    const parsed = Announcement.safeParse(text && parseJson(text));
    return parsed.success && isAlive(parsed.data.pid) ? parsed.data : null;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
