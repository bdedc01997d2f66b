import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Failure } from '../failures.ts';

/** Where neither VISUAL nor EDITOR names one; POSIX has it everywhere. */
const DEFAULT_EDITOR = 'vi';

/** A text in a file of its own, which only its owner may read. */
export class Draft {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** @param name of the file, in a new folder */
  static async write(name: string, text: string): Promise<Draft> {
    const draft = new Draft(join(await mkdtemp(join(tmpdir(), 'tocsin-')), name));
    await writeFile(draft.path, text, { mode: 0o600, flag: 'wx' });
    return draft;
  }

  /** Lets the person edit the text, and gives it as they leave it. @throws Failure when the editor fails */
  async edit(editor: string | null): Promise<string> {
    const command = editor ?? DEFAULT_EDITOR;
    // Ctrl-C is for the editor: it must not end this process, which would forget where the text is.
    const ignore = (): void => {};
    process.on('SIGINT', ignore);
    try {
      // By a shell, as EDITOR may be `code --wait`.
      const child = spawn('sh', ['-c', `${command} "$1"`, command, this.path], { stdio: 'inherit' });
      const [code] = (await once(child, 'exit')) as [number | null];
      if (code !== 0) throw new Failure(`The editor (${command}) failed. Name another: EDITOR=nano tocsin …`);
    } finally {
      process.off('SIGINT', ignore);
    }
    return readFile(this.path, 'utf8');
  }

  remove(): Promise<void> {
    return rm(dirname(this.path), { recursive: true, force: true });
  }
}
