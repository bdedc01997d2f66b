import type { Client } from '@tocsin/client';
import { type Command, Option } from 'commander';
import { UsageError } from '../../failures.ts';
import type { Shell } from '../../shell.ts';
import { cleanLine, shellWord } from '../../terminal/text.ts';
import { examples } from '../help.ts';
import { naming, teamId, viewOf } from '../names.ts';
import { choiceOption, given } from '../options.ts';
import { asking } from '../tickets/query.ts';
import { columnsOption } from './columns.ts';
import { viewArgument } from './read.ts';
import { sharings, sorts, type View, type ViewFields } from './values.ts';

interface FieldOptions {
  readonly name?: string;
  readonly query?: string;
  readonly sort?: View['sort'];
  readonly columns?: View['columns'];
  readonly sharing?: View['sharing'];
  readonly team?: string;
}

const addFieldOptions = (command: Command): Command =>
  command
    .option('--query <query>', 'what it finds, as `tickets list` takes it; me is whoever looks')
    .addOption(new Option('--sort <sort>', 'in this order, with - the other way round').choices(sorts))
    .addOption(columnsOption())
    .addOption(
      choiceOption('--sharing <sharing>', 'who sees it: you, a team as well, or everybody', sharings),
    )
    .option('--team <team>', `shares it with this team: ${naming.team}`);

/** What was typed, as the desk takes it. Naming a team shares with it; sharing otherwise takes the team away. */
async function fieldsOf(client: Client, { team, sharing, ...fields }: FieldOptions): Promise<ViewFields> {
  const id = team === undefined ? undefined : await teamId(client, team);
  const shared = sharing ?? (id === undefined ? undefined : 'team');
  const unshared = sharing !== undefined && sharing !== 'team' && id === undefined;
  return given({ ...fields, sharing: shared, teamId: unshared ? null : id }) as ViewFields;
}

/** `tocsin views create` */
export function addCreate(views: Command, shell: Shell): void {
  addFieldOptions(views.command('create').requiredOption('--name <name>', 'what it is called'))
    .summary('keep a search under a name')
    .description('Keeps a search under a name, for yourself unless told otherwise.')
    .addHelpText(
      'after',
      examples(
        'tocsin views create --name Mine --query "is:mine is:unresolved" --sort -updatedAt',
        'tocsin views create --name "Network, new" --query "status:open" --team Network --columns key,title,createdAt',
      ),
    )
    .action(async (options: FieldOptions & { name: string }, command: Command) => {
      const { client } = await shell.connect(command);
      const { name, query = '' } = options;
      const fields = await fieldsOf(client, options);
      const view = await asking(query, client.views.create.mutate({ ...fields, name, query }));
      shell
        .output(command)
        .answer(
          view,
          ({ name }) =>
            `Kept the view ${cleanLine(name)}: tocsin tickets list --view ${shellWord(cleanLine(name))}`,
        );
    });
}

/** `tocsin views edit` */
export function addEdit(views: Command, shell: Shell): void {
  addFieldOptions(
    views.command('edit').addArgument(viewArgument()).option('--name <name>', 'what it is called'),
  )
    .summary('change a view')
    .description('Changes what is given and leaves the rest.')
    .addHelpText(
      'after',
      examples('tocsin views edit Mine --sort -priority', 'tocsin views edit Mine --sharing all'),
    )
    .action(async (typed: string, options: FieldOptions, command: Command) => {
      if (Object.keys(options).length === 0)
        throw new UsageError(
          'Nothing to change was given: --name, --query, --sort, --columns, --sharing, --team',
        );
      const { client } = await shell.connect(command);
      const [{ id }, fields] = await Promise.all([viewOf(client, typed), fieldsOf(client, options)]);
      const view = await asking(options.query, client.views.edit.mutate({ id, ...fields }));
      shell.output(command).answer(view, ({ id, name }) => `Changed the view ${cleanLine(name ?? id)}`);
    });
}

/** `tocsin views delete` */
export function addDelete(views: Command, shell: Shell): void {
  views
    .command('delete')
    .addArgument(viewArgument())
    .summary('delete a view')
    .description('Deletes a view; the tickets that it found stay as they are.')
    .addHelpText('after', examples('tocsin views delete Mine'))
    .action(async (typed: string, _options: unknown, command: Command) => {
      const { client } = await shell.connect(command);
      const { id, name } = await viewOf(client, typed);
      const answer = await client.views.delete.mutate({ id });
      shell.output(command).answer(answer, () => `Deleted the view ${cleanLine(name)}`);
    });
}
