import { type Client, type Outputs, problemOf } from '@tocsin/client';
import { Failure, UsageError } from '../failures.ts';
import { cleanLine } from '../terminal/text.ts';
import { fetchPages } from './paging.ts';

/** How people, teams and services can be named on the command line; for help. */
export const naming = {
  user: 'id, email or exact name, or me',
  team: 'id or name',
  service: 'id or name',
  view: 'id or name',
} as const;

interface Named {
  readonly id: string;
  readonly name: string;
}

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** True for what can only be an id. */
export const isId = (typed: string): boolean => ID.test(typed);

/**
 * The id of the user whom somebody names by id, email or name, or as `me`: the caller. Whoever may not see emails finds
 * nobody by one, and can use the name.
 * @throws Failure when it names nobody whom the caller may see, or several
 */
export async function userId(client: Client, typed: string): Promise<string> {
  checkNamed(typed, 'user');
  if (isId(typed)) return typed;
  if (typed === 'me') return (await client.sessions.me.query()).user.id;
  const isEmail = typed.includes('@');
  const { items } = isEmail ? await client.users.list.query({ email: typed }) : { items: [] };
  if (items[0]) return items[0].id;
  // Names come in order, so whoever has just this one comes before all who are only called something that begins so.
  const called = await client.users.list.query({ name: typed, limit: 100 });
  return theOne(called.items, typed, {
    what: 'user',
    missing: [
      `Nobody whom you may see ${isEmail ? 'has the email' : 'is called'} ${typed}.`,
      '`tocsin users list` shows whom you may see; those whose email you do not see there are named by id or name.',
    ],
  });
}

/** The id of the team of this id or name. @throws Failure when there is none that the caller may see, or several */
export async function teamId(client: Client, typed: string): Promise<string> {
  checkNamed(typed, 'team');
  if (isId(typed)) return typed;
  const { items } = await client.teams.list.query({ name: typed, limit: 100 });
  return theOne(items, typed, {
    what: 'team',
    missing: [`There is no team ${typed}.`, '`tocsin teams list` shows those there are.'],
  });
}

/** The id of the service of this id or name. @throws Failure when there is none that the caller may see */
export async function serviceId(client: Client, typed: string): Promise<string> {
  checkNamed(typed, 'service');
  if (isId(typed)) return typed;
  const { items } = await fetchPages({ all: true }, (part) =>
    client.services.list.query({ name: typed, ...part }),
  );
  return theOne(items, typed, {
    what: 'service',
    missing: [`There is no service ${typed}.`, '`tocsin services list` shows those there are.'],
  });
}

/** The view of this id or name. @throws Failure when there is none that the caller may see; what the desk says of several */
export async function viewOf(client: Client, typed: string): Promise<Outputs['views']['get']> {
  checkNamed(typed, 'view');
  try {
    return await client.views.get.query({ id: typed });
  } catch (error) {
    if (problemOf(error)?.code !== 'view.not_found') throw error;
    throw new Failure(`There is no view ${cleanLine(typed)}.\n\`tocsin views list\` shows those there are.`, {
      cause: error,
    });
  }
}

/** What a script got wrong (an empty variable) must not look for everybody. @throws UsageError */
function checkNamed(typed: string, what: keyof typeof naming): void {
  if (typed.trim() === '')
    throw new UsageError(`A ${what} is named by ${naming[what]}; nothing stands there.`);
}

interface Wanted {
  readonly what: string;
  /** What to say when nothing has this name. */
  readonly missing: readonly string[];
}

const folded = (name: string): string => name.trim().toLowerCase();
const SHOWN = 10;

/** The one of them that has this name, in whatever letters. @throws Failure */
function theOne(some: readonly Named[], typed: string, { what, missing }: Wanted): string {
  const found = some.filter(({ name }) => folded(name) === folded(typed));
  const [first, ...others] = found;
  if (!first) throw new Failure(missing.join('\n'));
  if (others.length === 0) return first.id;
  throw new Failure(
    [
      `More than one ${what} is called ${typed}; name the one that is meant by its id:`,
      ...found.slice(0, SHOWN).map(({ id, name }) => `  ${id}  ${cleanLine(name)}`),
    ].join('\n'),
  );
}
