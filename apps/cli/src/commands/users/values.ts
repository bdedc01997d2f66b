import type { Outputs } from '@tocsin/client';
import { Argument } from 'commander';
import { cleanLine } from '../../terminal/text.ts';
import { naming } from '../names.ts';
import { valuesOf } from '../options.ts';

export type User = Outputs['users']['list']['items'][number];
export type Role = NonNullable<User['role']>;
export type Kind = User['kind'];

/** What the desk knows; a value that joins there does not compile until it stands here. */
export const roles = valuesOf<Role>({ requester: true, agent: true, lead: true, admin: true, auditor: true });
export const kinds = valuesOf<Kind>({ person: true, service: true });

/** The argument that names a user. */
export const userArgument = (): Argument => new Argument('<user>', naming.user);

/** A user as they are told apart from others: `Night shift <night.shift@example.com>`, as far as the email may be seen. */
export const fullName = ({ id, name, email }: User): string =>
  // A token that may not read people is answered only the id.
  email ? `${cleanLine(name ?? id)} <${cleanLine(email)}>` : cleanLine(name ?? id);
