import type { Outputs } from '@tocsin/client';
import type { Command } from 'commander';
import type { Shell } from '../../shell.ts';
import { bar } from '../../terminal/chart.ts';
import type { RenderTarget } from '../../terminal/output.ts';
import { type Column, tableOf } from '../../terminal/table.ts';
import { label } from '../../terminal/text.ts';
import { examples } from '../help.ts';
import { choicesOption, valuesOf } from '../options.ts';
import { noteGuesses } from '../paging.ts';
import { addFilters, type FilterOptions, filtersOf } from './filters.ts';
import { asking } from './query.ts';

type Facets = Outputs['tickets']['facets'];
type FacetField = keyof Facets['facets'];

const facetFields = valuesOf<FacetField>({
  status: true,
  priority: true,
  type: true,
  team: true,
  assignee: true,
  service: true,
  tag: true,
});

/** So many values of a field the desk tells at most. */
const MAX_VALUES = 50;

/** An estimate says that it is one. */
const told = (count: number, estimated: boolean): string =>
  `${estimated ? 'about ' : ''}${count.toLocaleString('en')}`;

/** `tocsin tickets count` */
export function addCount(tickets: Command, shell: Shell): void {
  addFilters(tickets.command('count'))
    .summary('say how many tickets are like that')
    .description(
      'Says how many tickets there are, or are like that: exactly up to 10,000, beyond that about so many.',
    )
    .addHelpText('after', examples('tocsin tickets count', 'tocsin tickets count is:unresolved team:Network'))
    .action(async (words: string[], options: FilterOptions, command: Command) => {
      const { client } = await shell.connect(command);
      const { filters } = await filtersOf(client, words, options);
      const answer = await asking(filters.q, client.tickets.count.query(filters));
      const output = shell.output(command);
      output.answer(answer, ({ count, estimated }) => told(count, estimated));
      noteGuesses(output, answer);
    });
}

/** `tocsin tickets facets` */
export function addFacets(tickets: Command, shell: Shell): void {
  addFilters(tickets.command('facets'))
    .addOption(
      choicesOption(
        '--by <fields>',
        'the fields to count by; status,priority unless told otherwise',
        facetFields,
      ),
    )
    .summary('count tickets by the values of fields')
    .description('Counts tickets by the values of some fields: the 50 most common values of each.')
    .addHelpText(
      'after',
      examples(
        'tocsin tickets facets',
        'tocsin tickets facets --by team,assignee is:unresolved',
        'tocsin tickets facets --by tag "created:<30d"',
      ),
    )
    .action(async (words: string[], options: FilterOptions & { by?: FacetField[] }, command: Command) => {
      const { by = ['status', 'priority'], ...typed } = options;
      const { client } = await shell.connect(command);
      const { filters } = await filtersOf(client, words, typed);
      const answer = await asking(filters.q, client.tickets.facets.query({ by, ...filters }));
      const output = shell.output(command);
      output.answer(answer, drawFacets);
      noteGuesses(output, answer);
      const cut = by.filter((field) => (answer.facets[field]?.length ?? 0) >= MAX_VALUES);
      if (cut.length > 0)
        output.note(`Of ${cut.join(', ')} only the ${MAX_VALUES} most common values are told.`);
      if (answer.estimated)
        output.note(
          'There are very many: the figures may be off by up to 10 %, those of rare values by more.',
        );
    });
}

interface Row {
  readonly field: string;
  readonly value: string;
  readonly count: number;
  readonly part: number;
}

function drawFacets({ facets }: Facets, target: RenderTarget): string {
  const groups = Object.entries(facets).map(([field, values]) => {
    const most = Math.max(...values.map(({ count }) => count));
    return values.map(
      ({ value, name, count }): Row => ({ field, value: name ?? value ?? 'none', count, part: count / most }),
    );
  });
  if (target.columns === null) return tableOf(target, groups.flat(), [fieldColumn, ...columns(target)]);
  return groups
    .filter((rows) => rows.length > 0)
    .map(
      (rows) =>
        `${target.style('bold', label(rows[0]?.field ?? ''))}\n${withoutHead(tableOf(target, rows, columns(target)))}`,
    )
    .join('\n\n');
}

const withoutHead = (text: string): string => text.split('\n').slice(1).join('\n');
const fieldColumn: Column<Row> = { head: 'Field', cell: ({ field }) => field };

const BAR = 24;

const columns = (target: RenderTarget): Column<Row>[] => [
  { head: 'Value', cell: ({ value }) => value, flexible: 'cut' },
  {
    head: 'Tickets',
    cell: ({ count }) => (target.columns === null ? String(count) : count.toLocaleString('en').padStart(10)),
  },
  ...(target.columns === null
    ? []
    : [
        {
          head: '',
          cell: ({ part }: Row) => bar(part, BAR),
          paint: (cell: string) => target.style('cyan', cell),
          spare: true,
        },
      ]),
];
