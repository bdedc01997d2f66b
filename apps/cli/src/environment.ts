import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** What the environment tells the command; nothing else reads it. */
export interface Environment {
  readonly url: string | null;
  readonly token: string | null;
  /** Where a person's settings lie: `$XDG_CONFIG_HOME`, or `~/.config`. */
  readonly configHome: string;
  /** Where what can be made again is kept: `$XDG_CACHE_HOME`, or `~/.cache`. */
  readonly cacheHome: string;
  /** The program in which a person edits text; it may bring options along. */
  readonly editor: string | null;
  /** What a relative path on the command line starts from. */
  readonly workingFolder: string;
}

type Variables = Record<string, string | undefined>;

/** Reads the environment. An empty variable counts as not set. */
export function readEnvironment(variables: Variables = process.env): Environment {
  // pnpm runs a script in the root of the checkout, wherever it was typed, and tells here where that was.
  const typedIn = variables.npm_lifecycle_event === 'tocsin' ? variables.INIT_CWD : undefined;
  return {
    url: variables.TOCSIN_URL || null,
    token: variables.TOCSIN_TOKEN || null,
    configHome: folder(variables.XDG_CONFIG_HOME, '.config'),
    cacheHome: folder(variables.XDG_CACHE_HOME, '.cache'),
    editor: variables.VISUAL || variables.EDITOR || null,
    workingFolder: typedIn || process.cwd(),
  };
}

/** The XDG specification wants relative paths ignored. */
const folder = (named: string | undefined, usual: string): string =>
  named && isAbsolute(named) ? named : join(homedir(), usual);
