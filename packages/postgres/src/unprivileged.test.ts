import { spawnSync } from 'node:child_process';
import { chmod, cp, lstat, mkdir, readlink, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { installedBinaries, linkLibraries, runnableBinaries } from './binaries.ts';
import { benchFor, namesIn, SIDE_BY_SIDE, value } from './testing.ts';
import { chooseAccount, closedTo, isRoot, runAs } from './unprivileged.ts';

describe('root', SIDE_BY_SIDE, () => {
  test.skipIf(!isRoot())(
    'root with a closed home gets a cluster outside of it, and a link to it',
    async (context) => {
      const bench = benchFor(context);
      const home = await bench.folder(0o700);
      const sharedDir = join(await bench.folder(), 'shared');
      const dir = join(home, 'desk');
      const words: string[] = [];
      const options = { sharedDir, onLog: (text: string) => words.push(text) };
      const cluster = await bench.open(dir, options);
      const folder = await readlink(join(dir, 'cluster'));

      expect(folder.startsWith(join(sharedDir, 'clusters'))).toBe(true);
      expect(words.join()).toContain(`cannot enter ${home}: the data goes to ${folder}`);
      expect((await stat(folder)).mode & 0o777).toBe(0o700);
      expect((await stat(join(folder, 'data'))).uid).not.toBe(0);
      expect(await value(cluster.url, 'show data_directory')).toBe(join(folder, 'data'));
      expect(await bench.open(dir, options)).toMatchObject({ started: false, pid: cluster.pid });

      await cluster.stop();
      await rm(dir, { recursive: true });
      const fresh = await bench.open(dir, options);
      expect(await readlink(join(dir, 'cluster'))).not.toBe(folder);
      expect(fresh.started).toBe(true);
      expect(words.join()).toContain(`an earlier cluster of ${dir} is still in ${folder}`);
    },
  );

  test.skipIf(!isRoot())('a closed folder on the way to an existing cluster is named', async (context) => {
    const bench = benchFor(context);
    const home = await bench.folder();
    const dir = join(home, 'desk');
    await (await bench.open(dir)).stop();
    await chmod(home, 0o700);
    await expect(bench.open(dir)).rejects.toThrow(`cannot enter ${home}: open it`);
    await chmod(home, 0o755);
  });

  test.skipIf(!isRoot())(
    'programs in a closed home are copied once to where the account can run them',
    async (context) => {
      const bench = benchFor(context);
      const home = await bench.folder(0o700);
      const sharedDir = await bench.folder();
      const installed = await installedBinaries();
      await cp(installed.folder, join(home, 'native'), { recursive: true, verbatimSymlinks: true });
      const account = await chooseAccount(undefined);
      const words: string[] = [];
      const wanted = { account, sharedDir, log: (text: string) => words.push(text) };
      const hidden = { ...installed, folder: join(home, 'native') };
      const [binaries] = await Promise.all([
        runnableBinaries(hidden, wanted),
        runnableBinaries(hidden, wanted),
      ]);

      expect(words).toHaveLength(1);
      expect(binaries.folder).toContain(join(sharedDir, 'binaries'));
      expect(await closedTo(account, join(binaries.folder, 'bin', 'initdb'))).toBeUndefined();
      expect(await namesIn(join(sharedDir, 'binaries'), 'new-')).toEqual([]);
      const initdb = spawnSync(join(binaries.folder, 'bin', 'initdb'), ['--version'], {
        ...runAs(account),
        encoding: 'utf8',
      });
      expect(initdb.stdout).toContain('initdb (PostgreSQL) 18.');
    },
  );

  test('libraries are linked when the install script did not run', async (context) => {
    const bench = benchFor(context);
    const folder = join(await bench.folder(), 'native');
    await mkdir(join(folder, 'lib'), { recursive: true });
    await cp(join((await installedBinaries()).folder, 'pg-symlinks.json'), join(folder, 'pg-symlinks.json'));
    expect(await linkLibraries(folder)).toBe(true);
    expect(await linkLibraries(folder)).toBe(true);
    expect((await lstat(join(folder, 'lib', 'libpq.so.5'))).isSymbolicLink()).toBe(true);
    expect(await readlink(join(folder, 'lib', 'libpq.so.5'))).toMatch(/^libpq\.so\.5\.\d+$/);
  });
});
