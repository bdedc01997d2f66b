import { DomainError } from '../core/index.ts';
import type { Place } from './tree.ts';

/** A query, or a filter, that means nothing; says where, and what would be right. */
export function wrongQuery({ parameter, position }: Place, message: string): DomainError {
  const where = position === null ? '' : `At character ${position}: `;
  return new DomainError({
    code: 'query.invalid',
    detail: `${where}${message}`,
    faults: [{ path: [parameter], message: `${where}${message}` }],
    extra: position === null ? {} : { position },
  });
}
