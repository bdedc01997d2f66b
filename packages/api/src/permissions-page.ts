import { listPermissions, type Permissions } from '@tocsin/domain';
import { narrowedInWords } from './openapi-narrowed.ts';
import { disclosureOf, type PermissionName, permissions } from './permissions.ts';
import { operationsOf } from './rest.ts';
import { appRouter } from './router.ts';

type RoleRules = Permissions['roles'][number];
type Rule = RoleRules['rules'][number];

const subjects: Readonly<Record<string, string>> = {
  Ticket: 'Tickets and their history',
  User: 'People',
  Team: 'Teams',
  Service: 'Services',
  Token: 'API tokens',
  View: 'Saved views',
  AuditEntry: 'The audit log',
  History: "Another system's history",
  Metrics: 'Metrics',
};

const introduction = `# Who may do what

Made by \`npx -y pnpm@12 generate\` from the rules themselves (\`permissions.ts\` of each feature); a test says when it is
stale. \`GET /permissions\` serves the same rules as data. Lists, counts and single reads go by the same rules, so a list
holds exactly what a read allows. What somebody may not read is not there for them (404); a field that they may not see is
absent, one that they may not set is 403.

A cell says for which rows: **all**, those for which one of its lines holds, or none (–).`;

/** \`docs/permissions.md\`: every rule as a table for people, and what each procedure asks for. */
export function permissionsPage(): string {
  const { roles } = listPermissions();
  const sections = Object.keys(subjects).map((subject) => section(subject, roles));
  return [introduction, ...sections, procedures()].join('\n\n').concat('\n');
}

function section(subject: string, roles: readonly RoleRules[]): string {
  const rules = roles.flatMap((role) => role.rules).filter((rule) => rule.subject === subject);
  const actions = [...new Set(rules.map(({ action }) => action))];
  const rows = actions.flatMap((action) => rowsOf({ action, subject }, roles));
  const head = ['', ...roles.map(({ role }) => role)];
  return [`## ${subjects[subject]}`, '', line(head), line(head.map(() => '---')), ...rows].join('\n');
}

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** One row for all fields that the same people may act on in the same way. */
function rowsOf(what: { action: string; subject: string }, roles: readonly RoleRules[]): string[] {
  const concerning = roles.map(({ rules }) =>
    rules.filter(({ action, subject }) => action === what.action && subject === what.subject),
  );
  const named = [...new Set(concerning.flat().flatMap(({ fields }) => fields ?? []))];
  const rows = new Map<string, string[]>();
  for (const field of [...named, null]) {
    const cells = line(
      concerning.map((rules) => cellOf(rules.filter(({ fields }) => covers(fields, field)))),
    );
    rows.set(cells, [...(rows.get(cells) ?? []), field ?? (named.length > 0 ? 'any other field' : '')]);
  }
  return [...rows]
    .filter(([cells]) => /[^|–\s]/.test(cells))
    .map(([cells, fields]) => `| ${label(what.action, fields)} ${cells}`);
}

/** Of a move the fields are the states it leads to. */
function label(action: string, fields: readonly string[]): string {
  const list = fields.filter((field) => field !== '').join(', ');
  if (action !== 'move') return `**${action}** ${list}`.trim();
  return `**move** to ${list.replace('any other field', 'any other state')}`;
}

const covers = (fields: readonly string[] | null, field: string | null): boolean =>
  fields === null || (field !== null && fields.includes(field));

function cellOf(rules: readonly Rule[]): string {
  const given = rules.filter(({ inverted }) => !inverted).map(conditionsOf);
  if (given.length === 0) return '–';
  const taken = rules.filter(({ inverted }) => inverted).map((rule) => `but not where ${conditionsOf(rule)}`);
  return [...(given.includes('') ? ['**all**'] : given), ...taken].join('<br>');
}

const conditionsOf = ({ conditions }: Rule): string =>
  Object.entries(conditions ?? {})
    .map(([field, value]) => inWords(field, value))
    .join(' and ');

function inWords(field: string, value: unknown): string {
  if (typeof value === 'boolean') return value ? field : `not ${field}`;
  const values = typeof value === 'object' && value !== null ? Object.values(value).flat() : [value];
  const name = field === 'id' ? 'it' : field.replace(/Id$/, '').replace('ownerKind', 'the owner’s kind');
  return `${name} is ${values.map((one) => who[String(one)] ?? one).join(' or ')}`;
}

const who: Readonly<Record<string, string>> = { '{me}': 'you', '{my teams}': 'one of yours' };

function procedures(): string {
  const rows = operationsOf(appRouter).flatMap(({ name, method, path, permission }) => {
    if (permission === undefined) return [];
    const scope = permission === 'open' ? 'no token needed' : scopeInWords(permission);
    return [line([`\`${name}\``, `\`${method} ${path}\``, permission, scope])];
  });
  return [
    '## Procedures',
    '',
    'What each asks of its caller before anything is read; the rules above then decide on the row and the fields.',
    'A token without scopes may what its owner may. A narrowed one gives no more than it has: it sets no password and makes no',
    'administrator; to give somebody a role, to reactivate them, or to take them into a team, it needs every scope that this',
    'opens to them (`tickets:read` and `tickets:write`; for staff `users:read` as well; for an auditor `audit:read` in place of',
    '`tickets:write`).',
    '',
    line(['procedure', 'REST', 'permission', 'scope of a narrowed token']),
    line(['---', '---', '---', '---']),
    ...rows.sort(),
  ].join('\n');
}

function scopeInWords(permission: PermissionName): string {
  const { scope } = permissions[permission];
  if (scope === 'any') return 'any';
  if (scope === 'whole') return 'none will do';
  const disclosure = disclosureOf({ permission });
  return `\`${scope}\`${disclosure ? `; ${narrowedInWords(disclosure)}` : ''}`;
}
