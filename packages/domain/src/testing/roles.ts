import { inject, onTestFinished } from 'vitest';
import { newId, openDatabase } from '../core/index.ts';

async function asSuperuser(sql: string): Promise<void> {
  const db = openDatabase({ url: inject('postgresUrl'), poolSize: 1 });
  try {
    await db.raw(sql);
  } finally {
    await db.destroy();
  }
}

/** A role that can log in, for the test that is running. @returns its name, which is its password as well */
export async function testRole(prefix: string): Promise<string> {
  const name = `${prefix}_${newId().replaceAll('-', '')}`;
  await asSuperuser(`create role ${name} login password '${name}'`);
  onTestFinished(() => asSuperuser(`drop role ${name}`));
  return name;
}

/** An empty database that an ordinary role owns. It is dropped before its roles are: ask for those first. */
export async function databaseOwnedBy(owner: string): Promise<string> {
  const name = `test_${newId().replaceAll('-', '')}`;
  await asSuperuser(`create database ${name} owner ${owner} template template0`);
  onTestFinished(() => asSuperuser(`drop database ${name} with (force)`));
  return urlFor(name, owner);
}

/** The address of a database for a role of `testRole`. */
export function urlFor(database: string, role: string): string {
  const url = new URL(inject('postgresUrl'));
  Object.assign(url, { username: role, password: role, pathname: `/${database}` });
  return url.href;
}

/** The same database for another role of `testRole`. */
export const urlAs = (url: string, role: string): string => urlFor(new URL(url).pathname.slice(1), role);
