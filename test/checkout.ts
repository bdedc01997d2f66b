import { execFileSync } from 'node:child_process';
import { delimiter, resolve } from 'node:path';

/** The root of this checkout. */
export const root = resolve(import.meta.dirname, '..');

/** The environment of somebody who has Node and npm, and nothing of this checkout. */
export function bareEnvironment(settings: Record<string, string>): Record<string, string | undefined> {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|pnpm_|node_|vitest|tocsin_|database_url)/i.test(name),
  );
  const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'));
  return { ...Object.fromEntries(kept), PATH: path.join(delimiter), ...settings };
}

/** What a clone would hold if everything were committed. */
export function filesOfClone(): string[] {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
  });
  return String(listed).split('\0').filter(Boolean);
}
