import type { Outputs } from '@tocsin/client';
import type { Command } from 'commander';
import type { Shell } from '../shell.ts';
import type { RenderTarget } from '../terminal/output.ts';
import { type Column, tableOf } from '../terminal/table.ts';
import { label } from '../terminal/text.ts';
import { examples } from './help.ts';

type Permissions = Outputs['permissions']['list'];
type Rule = Permissions['roles'][number]['rules'][number];

/** `tocsin permissions` */
export function addPermissions(program: Command, shell: Shell): void {
  program
    .command('permissions')
    .summary('show who may do what')
    .description(
      'Shows who may do what, role by role, as the rules that every door goes by: what nothing allows is refused. ' +
        'Of what is allowed and taken away again, the last line counts.',
    )
    .addHelpText(
      'after',
      examples('tocsin permissions', 'tocsin permissions | grep ^lead', 'tocsin permissions --json'),
    )
    .action(async (_options, command: Command) => {
      const { client } = await shell.connect(command);
      shell.output(command).answer(await client.permissions.list.query(), drawPermissions);
    });
}

/** What a role may do to something, in words. */
interface Line {
  readonly role: string;
  readonly action: string;
  readonly subject: string;
  readonly which: string;
}

/** A section for each role on a terminal; in a pipe each line names its role. */
function drawPermissions({ roles }: Permissions, target: RenderTarget): string {
  const lines = roles.flatMap(({ role, rules }) => linesOf(role, rules));
  if (target.columns === null)
    return tableOf(target, lines, [{ head: 'Role', cell: ({ role }) => role }, ...columns]);
  return roles
    .map(({ role }) =>
      [
        target.style(['bold', 'cyan'], role),
        tableOf(
          target,
          lines.filter((line) => line.role === role),
          columns,
        ),
      ].join('\n'),
    )
    .join('\n\n');
}

const columns: readonly Column<Line>[] = [
  { head: 'May', cell: ({ action }) => action },
  { head: 'What', cell: ({ subject }) => subject },
  { head: 'Which', cell: ({ which }) => which, flexible: 'wrap' },
];

/** Rules that differ only in the rows they are for make one line: any of them is enough. */
function linesOf(role: string, rules: readonly Rule[]): Line[] {
  const alike = Map.groupBy(rules, ({ action, subject, fields, inverted }) =>
    JSON.stringify([action, subject, fields, inverted]),
  );
  return [...alike.values()].flatMap((group) => {
    const [rule] = group;
    if (!rule) return [];
    const action = rule.inverted ? `not ${rule.action}` : rule.action;
    return [{ role, action, subject: nameOf(rule.subject), which: whichOf(fieldsOf(rule), rowsOf(group)) }];
  });
}

function whichOf(fields: string, rows: string): string {
  if (fields && rows) return `${fields} (where ${rows})`;
  return fields || rows || 'all';
}

/** Of a move the fields are the states that it leads to. */
function fieldsOf({ action, fields }: Rule): string {
  if (!fields) return '';
  return `${action === 'move' ? 'to ' : ''}${fields.map(nameOf).join(', ')}`;
}

/** In which rows, in words; empty for all. */
function rowsOf(group: readonly Rule[]): string {
  const alternatives = group.map(({ conditions }) =>
    Object.entries(conditions ?? {})
      .map(([field, value]) => inWords(field, value))
      .join(' and '),
  );
  return alternatives.includes('') ? '' : alternatives.join('; or ');
}

function inWords(field: string, value: unknown): string {
  const name = field === 'id' ? 'it' : nameOf(field);
  if (typeof value === 'boolean') return value ? name : `not ${name}`;
  const [[operator, operand] = ['$in', value]] = isObject(value) ? Object.entries(value) : [];
  const not = operator === '$nin' || operator === '$ne' ? 'not ' : '';
  const values = [operand].flat().map(whom);
  return `${name} is ${not}${values.length > 1 ? 'one of ' : ''}${values.join(', ')}`;
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** How the desk writes whoever asks. */
const callers: Readonly<Record<string, string>> = { '{me}': 'you', '{my teams}': 'one of yours' };
const whom = (value: unknown): string => callers[String(value)] ?? String(value);

/** `requesterId` as people write it: `requester`; `AuditEntry`: `audit entry`. */
const nameOf = (word: string): string =>
  label(word.replace(/(?<=.)Id$/, ''))
    .trim()
    .toLowerCase();
