import type { z } from 'zod';
import type { Context } from '../core/index.ts';
import { administrator } from './administrator.ts';
import type { Me } from './schema.ts';

/** Who the caller is. The built-in administrator is the only one there is. */
export const me = (_ctx: Context): z.output<typeof Me> => ({
  user: { id: String(administrator.id), kind: 'user', name: administrator.name },
  role: 'admin',
});
