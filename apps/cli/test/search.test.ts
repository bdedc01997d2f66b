import { expect, test } from 'vitest';
import { runDesk } from './desk.ts';
import { atTerminal, canMakeTerminal } from './terminal.ts';

const desk = await runDesk();
const { tocsin, json, client } = desk;

const team = await client.teams.create.mutate({ name: 'Net work' });
const open = (title: string, fields: object = {}) => client.tickets.create.mutate({ title, ...fields });
const disk = await open('No space left on the disk', { priority: 'high', tags: ['raid'] });
const vpn = await open('The VPN drops', { teamId: team.id });
const test1 = await open('Disk test', { priority: 'low' });
await client.tickets.move.mutate({ id: test1.id, status: 'resolved', resolution: { code: 'fixed' } });

/** The keys of what a list shows in a pipe. */
async function keys(...args: string[]): Promise<string[]> {
  const { code, stdout, stderr } = await tocsin(['tickets', 'list', ...args]);
  expect(code, stderr).toBe(0);
  return stdout.split('\n').flatMap((line) => line.split('\t')[0] || []);
}

test.concurrent('words of the command line are a query, whatever the shell made of them', async () => {
  expect(await keys('disk')).toEqual([test1.key, disk.key]);
  expect(await keys('disk', '-test')).toEqual([disk.key]);
  expect(await keys('space left', 'priority:>=high')).toEqual([disk.key]);
  expect(await keys('left space', 'disk')).toEqual([]);
  expect(await keys('team:Net work', 'drops')).toEqual([vpn.key]);
  expect(await keys('"the vpn" OR "disk test"')).toEqual([test1.key, vpn.key]);
  expect(await keys('--limit', '1', '-vpn', '-test')).toEqual([disk.key]);
});

test.concurrent('options narrow as the words do', async () => {
  expect(await keys('--tag', 'raid', '--priority', 'high,urgent')).toEqual([disk.key]);
  expect(await keys('--team', 'net work')).toEqual([vpn.key]);
  expect(await keys('--team', 'none', '--status', 'open')).toEqual([disk.key]);
  expect(await keys('--created-after', '2026-01-01', '--sort', 'priority', 'is:unresolved')).toEqual([
    vpn.key,
    disk.key,
  ]);
  expect(await keys('--updated-before', '2020-01-01')).toEqual([]);
  expect(await json(['tickets', 'list', 'disk', '--status', 'open'])).toEqual(
    await client.tickets.list.query({ q: 'disk', status: ['open'] }),
  );
});

test.concurrent('what is wrong in a query is pointed at', async () => {
  const { code, stdout, stderr } = await tocsin(['tickets', 'list', 'disk', 'stauts:open']);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  const [said, query, caret, problem] = stderr.split('\n');
  expect(said).toContain('did you mean status:?');
  expect(query).toBe('  disk stauts:open');
  expect(caret).toBe('       ^');
  expect(problem).toBe('code: query.invalid');
});

test.concurrent('an option that there is not is wrong usage, and no word that is not wanted', async () => {
  const { code, stderr } = await tocsin(['tickets', 'list', '--stauts', 'open']);
  expect(code).toBe(2);
  expect(stderr).toContain("unknown option '--stauts'");
});

test.concurrent('tickets are counted, in all and by the values of fields', async () => {
  expect((await tocsin(['tickets', 'count', 'disk'])).stdout).toBe('2\n');
  expect(await json(['tickets', 'count'])).toEqual({ count: 3, estimated: false });
  expect((await tocsin(['tickets', 'facets', '--by', 'status,team'])).stdout).toBe(
    'status\topen\t2\nstatus\tresolved\t1\nteam\tnone\t2\nteam\tNet work\t1\n',
  );
  expect(await json(['tickets', 'facets', 'disk', '--by', 'priority'])).toEqual(
    await client.tickets.facets.query({ by: ['priority'], q: 'disk' }),
  );
});

test.concurrent('programs are told what went wrong as the desk told it', async () => {
  const refused = await tocsin(['tickets', 'list', '--json', 'is:mien']);
  expect([refused.code, refused.stdout]).toEqual([1, '']);
  expect(JSON.parse(refused.stderr)).toMatchObject({ status: 422, code: 'query.invalid', position: 1 + 3 });
  const missing = await tocsin(['views', 'show', 'no such', '--json']);
  expect(JSON.parse(missing.stderr)).toMatchObject({ status: 404, code: 'view.not_found' });
  const mistyped = await tocsin(['tickets', 'list', '-limit', '5']);
  expect([mistyped.code, mistyped.stderr]).toEqual([
    2,
    expect.stringContaining('for the option write --limit'),
  ]);
});

test.concurrent('what is left out stays left out, and an argument with operators is a query of its own', async () => {
  const found = async (...words: string[]) => (await tocsin(['tickets', 'count', ...words])).stdout;
  const all = await found();
  expect(await found('-disk full', 'created:>2000')).toBe(await found('-"disk full"'));
  expect(await found('disk OR vpn', 'created:>2000')).toBe(await found('disk OR vpn'));
  expect(await found('disk created:>2000', 'created:>2000')).toBe(await found('disk'));
  expect(await found('-nothing at all', 'created:>2000')).toBe(all);
});

test.concurrent('what was guessed is told, and the columns are those that are asked for', async () => {
  const guessed = await tocsin(['tickets', 'list', 'dsik', '--columns', 'title,Key', '--limit', '1']);
  expect(guessed.stdout).toMatch(/^[^\t]+\tINC-\d+\n$/);
  expect(guessed.stderr).toContain('No ticket has "dsik"; found is what differs by one mistake.');
  expect((await tocsin(['tickets', 'count', 'dsik'])).stderr).toContain('No ticket has "dsik"');
});

test('a view is kept, found by its name, shown with its columns, changed and deleted', async () => {
  const create = ['views', 'create', '--name', 'Disks', '--query', 'disk', '--columns', 'key,Priority,tags'];
  const made = await tocsin([...create, '--team', 'net work', '--sort', '-priority']);
  expect(made.stderr).toBe('');
  expect(made.stdout).toBe('Kept the view Disks: tocsin tickets list --view Disks\n');
  const listed = await tocsin(['tickets', 'list', '--view', 'disks']);
  expect(listed.stdout).toBe(`${disk.key}\thigh\traid\n${test1.key}\tlow\t\n`);
  expect((await tocsin(['views', 'list'])).stdout).toContain(
    'Disks\tdisk\t-priority\tteam Net work\tAdministrator\n',
  );
  expect(await json(['views', 'edit', 'Disks', '--sharing', 'private', '--name', 'Mine'])).toMatchObject({
    name: 'Mine',
    sharing: 'private',
    team: null,
  });
  const wide = await tocsin(['tickets', 'list', '服务器 is:mien']);
  expect(wide.stderr).toContain('\n  服务器 is:mien\n            ^\n');
  const wrong = await tocsin(['views', 'edit', 'Mine', '--query', 'is:mien']);
  expect(wrong.stderr).toContain('\n  is:mien\n     ^\n');
  expect((await tocsin(['views', 'delete', 'Mine'])).stdout).toBe('Deleted the view Mine\n');
  const gone = await tocsin(['tickets', 'list', '--view', 'Mine']);
  expect({ code: gone.code, stderr: gone.stderr }).toEqual({
    code: 1,
    stderr: 'error: There is no view Mine.\n`tocsin views list` shows those there are.\n',
  });
});

test('the figures of the desk are told in a pipe as numbers', async () => {
  const { stdout } = await tocsin(['stats', '--by', 'priority']);
  expect(stdout.split('\n').map((line) => line.split('\t').slice(0, 6))).toEqual([
    ['low', '1', '1', '0', '0', '0'],
    ['high', '1', '0', '0', '0', '1'],
    ['medium', '1', '0', '0', '0', '1'],
    [''],
  ]);
  expect(await json(['stats', '--by', 'priority'])).toEqual(
    await client.analytics.tickets.query({ by: 'priority' }),
  );
  const wrong = await tocsin(['stats', '--from', '2026-02-31']);
  expect(wrong.code).toBe(1);
  expect(wrong.stderr).toContain('from: Must be a date');
});

test.skipIf(!canMakeTerminal)(
  'on a terminal figures have bars beside them, which give way when it is narrow',
  async () => {
    const { environment: env } = desk;
    const wide = atTerminal(['stats', '--by', 'priority'], { columns: 120, env });
    expect(await wide.ended).toBe(0);
    expect(wide.screen()).toContain('██████████');
    expect(wide.screen()).toContain('3 opened, 1 resolved, 0 reopened, 0 reassigned; backlog 2.');
    const narrow = atTerminal(['stats', '--by', 'priority'], { columns: 45, env });
    expect(await narrow.ended).toBe(0);
    expect(narrow.screen()).not.toContain('█');
  },
);
