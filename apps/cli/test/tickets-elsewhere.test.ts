import { expect, test } from 'vitest';
import { runDesk } from './desk.ts';

const desk = await runDesk();
const bring = (system: string, ...ids: string[]) =>
  desk.client.imports.append.mutate({
    system,
    entries: ids.map((id) => ({
      id,
      position: 0,
      at: '2016-02-29T01:16:00.000Z',
      by: '8',
      ticket: { title: 'Mail' },
    })),
  });
await bring('servicenow', 'INC0000777', 'INC0000888', 'X1');
await bring('emea', 'INC0000888');

const keyOf = async (source: string): Promise<string> =>
  (await desk.client.tickets.list.query({ source })).items[0]!.key;

test.each(['INC0000777', 'inc0000777', '0000777', 'servicenow:INC0000777'])(
  'every command that takes a key takes %s',
  async (number) => {
    const key = await keyOf('servicenow:INC0000777');
    for (const command of [
      ['show', number],
      ['history', number],
      ['edit', number, '--title', `By ${number}`],
      ['move', number, 'in-progress'],
    ]) {
      const { code, stdout, stderr } = await desk.tocsin(['tickets', ...command, '--json']);
      expect([code, stderr]).toEqual([0, '']);
      if (command[0] !== 'history') expect(JSON.parse(stdout).key).toBe(key);
    }
    expect(await desk.client.tickets.get.query({ id: key })).toMatchObject({
      title: `By ${number}`,
      status: 'in_progress',
    });
    await desk.client.tickets.move.mutate({ id: key, status: 'open' });
  },
);

test('any id elsewhere is taken behind the name of its system', async () => {
  const { stdout } = await desk.tocsin(['tickets', 'show', 'servicenow:X1']);
  expect(stdout).toContain(await keyOf('servicenow:X1'));
});

test('a number of two sources changes neither ticket, and both are named', async () => {
  for (const command of [['show'], ['history'], ['edit', '--title', 'Mine'], ['move', 'closed']]) {
    const [name = '', ...options] = command;
    const { code, stderr } = await desk.tocsin(['tickets', name, 'INC0000888', ...options]);
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/Several tickets .*\((?:emea|servicenow):INC0000888\).*\((?:emea|servicenow):/),
    ]);
  }
  const { stdout } = await desk.tocsin(['tickets', 'show', 'emea:INC0000888']);
  expect(stdout).toContain(await keyOf('emea:INC0000888'));
});

test('a number that nothing came from is told, and what is no name of a ticket is wrong usage', async () => {
  for (const number of ['INC0000779', '0000779', 'servicenow:X2'])
    expect(await desk.tocsin(['tickets', 'edit', number, '--title', 'Mine'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`No ticket came from elsewhere as ${number}.`),
    });
  expect((await desk.tocsin(['tickets', 'show', 'X1'])).code).toBe(2);
});
