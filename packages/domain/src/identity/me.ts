import type { z } from 'zod';
import type { Context } from '../core/index.ts';
import type { Me } from './schema.ts';

/** Who the caller is. The built-in administrator is the only one there is so far. */
export const me = ({ actor }: Context): z.output<typeof Me> => ({
  user: { id: String(actor.id), kind: actor.kind === 'service' ? 'service' : 'user', name: actor.name },
  role: 'admin',
});
