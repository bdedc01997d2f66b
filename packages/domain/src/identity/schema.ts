import { z } from 'zod';
import { linePattern, pageFields, roles, text, uuid } from '../core/index.ts';

const Role = z.enum(roles);
const Kind = z.enum(['person', 'service']);
export const Name = text({ max: 200, line: true, name: true })
  .regex(/^\P{Cc}*$/u, 'Must not hold control characters')
  .meta({ minLength: 1, maxLength: 200, pattern: linePattern() });
const Email = z
  .email('Must be an address such as name@example.com')
  .max(254, 'Must be at most 254 characters')
  .describe('Unique, whatever the case of its letters');
/** Long passphrases are welcome; the bound only keeps hashing cheap. */
export const Password = text({ max: 1000 })
  .describe('12 characters or more; not the email, and not one of the common ones')
  .meta({ format: 'password' });

const Source = z
  .strictObject({ system: z.string(), id: z.string() })
  .describe('Where it was imported from; null for what was made here');
const time = (what: string) => z.iso.datetime().describe(what);

const exampleUser = {
  id: '019c1378-2a00-7d3b-9a50-3f5c1b7e9d12',
  email: 'night.shift@example.com',
  name: 'Night shift',
  role: 'agent',
  kind: 'person',
  active: true,
  source: null,
  createdAt: '2026-01-31T09:30:00.000Z',
  updatedAt: '2026-01-31T09:30:00.000Z',
} as const;

export const User = z
  .strictObject({
    id: z.uuid(),
    name: z.string(),
    kind: Kind.describe('A person, or a program with an account of its own'),
    active: z.boolean().describe('False: cannot log in, and gets no new tickets'),
    email: z.string().nullable().optional().describe('Null only for imported people'),
    role: Role.optional(),
    source: Source.nullable().optional(),
    createdAt: time('When the account was made').optional(),
    updatedAt: time('When it last changed').optional(),
  })
  .meta({
    id: 'User',
    description: 'Someone the desk knows. What the caller may not see is absent',
    examples: [exampleUser],
  });
export type User = z.output<typeof User>;

/** The caller's own account, of which everything may be seen. */
export const OwnUser = User.required({ email: true, role: true }).meta({
  id: 'OwnUser',
  description: "The caller's own account",
  examples: [exampleUser],
});

export type OwnUser = z.output<typeof OwnUser>;

export const CreateUser = z
  .strictObject({
    email: Email,
    name: Name,
    role: Role,
    kind: Kind.describe('`person` unless told otherwise').optional(),
    password: Password.describe(
      '12 characters or more; without one, a person logs in after a password reset. A service account has none',
    ).optional(),
  })
  .meta({ examples: [{ email: 'night.shift@example.com', name: 'Night shift', role: 'agent' }] });
export type CreateUser = z.output<typeof CreateUser>;

export const EditUser = z
  .strictObject({
    id: uuid(),
    email: Email.optional(),
    name: Name.optional(),
    role: Role.optional(),
    active: z.boolean().describe('False ends every session and token of the user at once').optional(),
  })
  .meta({ examples: [{ role: 'lead' }] });
export type EditUser = z.output<typeof EditUser>;

export const GetUser = z.strictObject({ id: uuid() });
export type GetUser = z.output<typeof GetUser>;

/** How a list is narrowed to names. */
export const namePrefix = text({ max: 200, line: true, name: true }).describe(
  'The name begins so, whatever the case of its letters',
);

export const ListUsers = z
  .strictObject({
    ...pageFields,
    name: namePrefix.optional(),
    email: text({ max: 254 }).describe('Has this address, whatever the case of its letters').optional(),
    role: Role.optional(),
    kind: Kind.optional(),
    active: z.boolean().optional(),
  })
  .prefault({});
export type ListUsers = z.output<typeof ListUsers>;

export const Team = z
  .strictObject({
    id: z.uuid(),
    name: z.string(),
    source: Source.nullable(),
    createdAt: time('When it was made'),
    updatedAt: time('When it, or who is in it, last changed'),
  })
  .meta({
    id: 'Team',
    description: 'People who work on tickets together',
    examples: [
      {
        id: '019c1378-2a00-7d3b-9a50-3f5c1b7e9d13',
        name: 'Network',
        source: null,
        createdAt: '2026-01-31T09:30:00.000Z',
        updatedAt: '2026-01-31T09:30:00.000Z',
      },
    ],
  });
export type Team = z.output<typeof Team>;

export const CreateTeam = z.strictObject({ name: Name }).meta({ examples: [{ name: 'Network' }] });
export type CreateTeam = z.output<typeof CreateTeam>;
export const EditTeam = z
  .strictObject({ id: uuid(), name: Name.optional() })
  .meta({ examples: [{ name: 'Network and VPN' }] });
export type EditTeam = z.output<typeof EditTeam>;
export const GetTeam = z.strictObject({ id: uuid() });
export type GetTeam = z.output<typeof GetTeam>;
export const ListTeams = z.strictObject({ ...pageFields, name: namePrefix.optional() }).prefault({});
export type ListTeams = z.output<typeof ListTeams>;
export const ListMembers = z.strictObject({ id: uuid(), ...pageFields });
export type ListMembers = z.output<typeof ListMembers>;
export const TeamMember = z.strictObject({ id: uuid(), userId: uuid() });
export type TeamMember = z.output<typeof TeamMember>;
