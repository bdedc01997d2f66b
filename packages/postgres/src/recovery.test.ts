import { readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { installedBinaries, runnableBinaries } from './binaries.ts';
import { findCluster, readPassword } from './cluster.ts';
import { launch } from './launch.ts';
import { benchFor, firstLine, SIDE_BY_SIDE, value } from './testing.ts';
import { chooseAccount } from './unprivileged.ts';

describe('what a crash leaves behind', SIDE_BY_SIDE, () => {
  test('after kill -9 of the postmaster the next open starts anew, with what was committed', async (context) => {
    const bench = benchFor(context);
    const dir = join(await bench.folder(), 'desk');
    const cluster = await bench.open(dir);
    await value(cluster.url, 'create table kept as select 42 as answer');
    const query = value(cluster.url, 'select pg_sleep(60)').catch(() => 'cut off');
    process.kill(cluster.pid, 'SIGKILL');

    const next = await bench.open(dir);
    expect(next).toMatchObject({ started: true });
    expect(next.pid).not.toBe(cluster.pid);
    expect(await value(next.url, 'select answer from kept')).toBe(42);
    expect(await query).toBe('cut off');
  });

  const HOLDERS = {
    'a living process of the same account': { script: 'echo $$; exec sleep 60', state: 'S' },
    // It dies when the shell, which would collect it, is no longer there.
    'a dead postgres that nobody collects': {
      script: 'ln -s "$(command -v sleep)" postgres; ./postgres 1 & echo $!; exec sleep 60',
      state: 'Z',
    },
  };

  test.for(Object.entries(HOLDERS))(
    'a postmaster.pid whose number went to %s does not block the start',
    async ([, { script, state }], context) => {
      const bench = benchFor(context);
      const dir = join(await bench.folder(), 'desk');
      const cluster = await bench.open(dir);
      const file = join(dir, 'cluster', 'data', 'postmaster.pid');
      const text = await readFile(file, 'utf8');
      await cluster.stop();
      const { uid, gid } = await stat(join(dir, 'cluster', 'data'));
      const scratch = await bench.folder(0o777);
      const foreign = await firstLine(bench.run('/bin/sh', ['-c', `cd ${scratch}; ${script}`], { uid, gid }));
      await context.expect
        .poll(() => readFile(`/proc/${foreign}/stat`, 'utf8'), { timeout: 20_000 })
        .toContain(`) ${state} `);
      await writeFile(file, text.replace(/^\d+/, foreign));

      const next = await bench.open(dir);
      expect(next.started).toBe(true);
      expect(await value(next.url, 'select 1')).toBe(1);
      process.kill(Number(foreign), 0);
    },
  );

  test('an empty postmaster.pid, as a full disk leaves it, does not block the start', async (context) => {
    const bench = benchFor(context);
    const dir = join(await bench.folder(), 'desk');
    await (await bench.open(dir)).stop();
    await writeFile(join(dir, 'cluster', 'data', 'postmaster.pid'), '');
    expect(await bench.open(dir)).toMatchObject({ started: true });
  });

  test('a port that was taken meanwhile is a reason to try another, not to fail', async (context) => {
    const bench = benchFor(context);
    const dir = join(await bench.folder(), 'desk');
    await (await bench.open(dir)).stop();
    const found = await findCluster(dir);
    if (!found) throw new Error('There is no cluster');
    const taken = createServer().listen(0, '127.0.0.1');
    const address = await new Promise<ReturnType<typeof taken.address>>((resolve) =>
      taken.once('listening', () => resolve(taken.address())),
    );
    const account = await chooseAccount(found.owner);
    const binaries = await runnableBinaries(await installedBinaries(), {
      account,
      sharedDir: dir,
      log: () => undefined,
    });
    const options = {
      place: found.place,
      password: await readPassword(found.place),
      account,
      binaries,
      settings: {},
    };
    try {
      expect(await launch(options, (address as { port: number }).port)).toBeUndefined();
    } finally {
      taken.close();
    }
  });
});
