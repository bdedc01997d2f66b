import { DoorError, type Operation, takesVersion } from '@tocsin/api';
import type { FastifyRequest } from 'fastify';

/** A list of entity tags (RFC 9110, 8.8.3); `*` is any that there is. */
const TAGS =
  /^(?:[ \t]*,)*[ \t]*(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"(?:[ \t]*,[ \t]*(?:(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*")?)*[ \t]*$/;
const TAG = /(W\/)?"([^"]*)"/g;
const VERSION = /^[1-9]\d{0,14}$/;

/** An answer's entity tag is its version. */
export const etagOf = ({ version }: { version?: unknown }): string => `"${version}"`;

/** True when a reader has the version already (`If-None-Match`, compared weakly as RFC 9110 wants it). */
export function isKnown({ headers }: FastifyRequest, output: { version?: unknown }): boolean {
  const known = headers['if-none-match'];
  if (known === undefined) return false;
  return known.trim() === '*' || [...known.matchAll(TAG)].some(([, , tag]) => tag === String(output.version));
}

/**
 * The versions that `If-Match` lets an operation change, as its input's `ifVersion`; nothing where any will do.
 * @throws request.malformed; request.no_version where there is none that could match
 */
export function ifVersionOf(operation: Operation, { headers }: FastifyRequest): { ifVersion?: number[] } {
  const wanted = headers['if-match']?.trim();
  if (wanted === undefined || wanted === '*' || operation.method === 'GET') return {};
  if (!TAGS.test(wanted)) throw malformed();
  if (!takesVersion(operation)) throw noVersion();
  return {
    ifVersion: [...wanted.matchAll(TAG)].flatMap(([, weak, tag = '']) => (weak ? [] : versionsOf(tag))),
  };
}

const versionsOf = (tag: string): number[] => (VERSION.test(tag) ? [Number(tag)] : []);

const malformed = () => new DoorError('request.malformed', 'If-Match must be entity tags such as "3", or *');

const noVersion = () =>
  new DoorError('request.no_version', 'What this changes has no version; leave If-Match out');
