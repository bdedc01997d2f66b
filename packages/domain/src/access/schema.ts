import { z } from 'zod';
import { pageFields, Reference, roles, scopes, timestamp, uuid } from '../core/index.ts';
import { Name, OwnUser, Password, Team } from '../identity/index.ts';

const secretExample = 'toc_example';
const [userExample] = Object.values(OwnUser.meta()?.examples ?? {}) as [OwnUser];
const times = { expiresAt: '2026-02-07T09:30:00.000Z', createdAt: '2026-01-31T09:30:00.000Z' };

/** A secret, in the one answer that has it. */
const Secret = z.string().describe('Shown this once; only its hash is kept');

export const StartSession = z
  .strictObject({
    email: z.string().max(254).describe('As the account has it, whatever the case of its letters'),
    password: z.string().max(1000).meta({ format: 'password' }),
  })
  .meta({ examples: [{ email: 'night.shift@example.com', password: 'four words nobody guesses' }] });
export type StartSession = z.output<typeof StartSession>;

export const StartedSession = z
  .strictObject({
    token: Secret.describe('The bearer token of the session'),
    expiresAt: z.iso.datetime(),
    user: OwnUser,
  })
  .meta({
    id: 'StartedSession',
    description: 'A login, and the token that stands for it',
    examples: [{ token: secretExample, expiresAt: times.expiresAt, user: userExample }],
  });
export type StartedSession = z.output<typeof StartedSession>;

const RevokeTokens = z
  .boolean()
  .describe('True revokes the API tokens of the person as well; false when left out')
  .optional();

export const ChangePassword = z
  .strictObject({
    current: z.string().max(1000).meta({ format: 'password' }),
    new: Password,
    revokeTokens: RevokeTokens,
  })
  .meta({ examples: [{ current: 'four words nobody guesses', new: 'another four words nobody guesses' }] });
export type ChangePassword = z.output<typeof ChangePassword>;

export const MakeReset = z.strictObject({ id: uuid() });
export type MakeReset = z.output<typeof MakeReset>;

export const UnlockUser = z.strictObject({ id: uuid() });
export type UnlockUser = z.output<typeof UnlockUser>;

export const PasswordReset = z
  .strictObject({
    token: Secret,
    expiresAt: z.iso.datetime().describe('Until then it can be redeemed, once'),
  })
  .meta({
    id: 'PasswordReset',
    description: 'Lets a person set a new password, once',
    examples: [{ token: secretExample, expiresAt: times.expiresAt }],
  });
export type PasswordReset = z.output<typeof PasswordReset>;

export const RedeemReset = z
  .strictObject({ token: z.string().max(200), password: Password, revokeTokens: RevokeTokens })
  .meta({ examples: [{ token: secretExample, password: 'four words nobody guesses' }] });
export type RedeemReset = z.output<typeof RedeemReset>;

const Scopes = z.array(z.enum(scopes));

const tokenFields = {
  id: z.uuid(),
  name: z.string(),
  scopes: Scopes.nullable().describe('What it is narrowed to; null is everything that its owner may'),
  expiresAt: z.iso.datetime().nullable().describe('Null: it does not'),
};

export const Token = z
  .strictObject({
    ...tokenFields,
    user: Reference.describe('Whom it stands for'),
    createdAt: z.iso.datetime(),
    lastUsedAt: z.iso.datetime().nullable().describe('To the minute; null when it never was'),
  })
  .meta({
    id: 'Token',
    description: 'An API token, without its secret',
    examples: [
      {
        id: '019c1378-2a00-7d3b-9a50-3f5c1b7e9d15',
        name: 'Backup monitor',
        scopes: ['tickets:read', 'tickets:write'],
        user: { id: userExample.id, name: userExample.name },
        ...times,
        lastUsedAt: null,
      },
    ],
  });
export type Token = z.output<typeof Token>;

export const CreatedToken = z.strictObject({ ...tokenFields, token: Secret }).meta({
  id: 'CreatedToken',
  description: 'An API token with its secret, which is shown this once',
  examples: [
    {
      id: '019c1378-2a00-7d3b-9a50-3f5c1b7e9d15',
      name: 'Backup monitor',
      scopes: ['tickets:read', 'tickets:write'],
      expiresAt: null,
      token: secretExample,
    },
  ],
});
export type CreatedToken = z.output<typeof CreatedToken>;

export const CreateToken = z
  .strictObject({
    name: Name.describe('What it is for'),
    scopes: Scopes.min(1)
      .max(scopes.length)
      .describe('What it may at most; everything that its owner may when left out')
      .optional(),
    expiresAt: timestamp().describe('It never expires when left out').optional(),
    userId: uuid().describe('A service account that it is for; for administrators').optional(),
  })
  .meta({ examples: [{ name: 'Backup monitor', scopes: ['tickets:read', 'tickets:write'] }] });
export type CreateToken = z.output<typeof CreateToken>;

export const ListTokens = z
  .strictObject({ ...pageFields, userId: uuid().describe('Of this user').optional() })
  .prefault({});
export type ListTokens = z.output<typeof ListTokens>;

export const RevokeToken = z.strictObject({ id: uuid() });
export type RevokeToken = z.output<typeof RevokeToken>;

/** A rule as data: what it allows, on which rows. */
export const RuleView = z
  .strictObject({
    action: z.string(),
    subject: z.string(),
    fields: z
      .array(z.string())
      .nullable()
      .describe('Null: every field. Of a move: the states it may lead to'),
    conditions: z
      .record(z.string(), z.unknown())
      .nullable()
      .describe('What must hold of the row; null: nothing'),
    inverted: z.boolean().describe('True: takes away what the rules before it give'),
  })
  .meta({ id: 'PermissionRule', description: 'One rule; of those that match, the last decides' });

export const Me = z
  .strictObject({
    user: OwnUser,
    role: z.enum(roles),
    teams: z.array(Team),
    permissions: z.array(RuleView).describe('What the user may do'),
    scopes: Scopes.nullable().describe(
      'What the token that was shown is narrowed to; null: nothing is taken away',
    ),
  })
  .meta({
    id: 'Me',
    description: 'The caller, and what they may do',
    examples: [
      {
        user: userExample,
        role: userExample.role,
        teams: [],
        permissions: [
          {
            action: 'read',
            subject: 'Ticket',
            fields: null,
            conditions: { restricted: false },
            inverted: false,
          },
        ],
        scopes: null,
      },
    ],
  });
export type Me = z.output<typeof Me>;
