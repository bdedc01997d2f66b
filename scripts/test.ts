import { spawnSync } from 'node:child_process';

/**
 * `pnpm test`: types and lint by Turborepo (what did not change is not checked again), then every test.
 * The last line is `N passed, N failed`, whichever step fails. Arguments go to vitest: `pnpm test lifecycle`.
 */
const run = (command: string, args: string[]): boolean =>
  spawnSync(command, args, { stdio: 'inherit', cwd: new URL('..', import.meta.url) }).status === 0;

const checks = [
  () =>
    run('turbo', ['run', 'typecheck', 'typecheck:root', '--output-logs=errors-only', '--no-update-notifier']),
  () => run('biome', ['check', '--error-on-warnings']),
];

if (!checks.every((check) => check())) {
  process.stdout.write('0 passed, 1 failed\n');
  process.exit(1);
}
process.exit(run('vitest', ['run', ...process.argv.slice(2)]) ? 0 : 1);
