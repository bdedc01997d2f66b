import { z } from 'zod';

/** Who did something, as every door shows it. */
export const ActorView = z
  .strictObject({
    id: z.uuid().nullable().describe('Null for `system` and `imported`'),
    kind: z.enum(['user', 'service', 'system', 'imported']),
    name: z.string().describe('For `imported`: the name as the source has it'),
  })
  .meta({ id: 'Actor', description: 'Who did something' });

/** The caller, as `GET /me` answers. */
export const Me = z
  .strictObject({
    user: z.strictObject({ id: z.uuid(), kind: z.enum(['user', 'service']), name: z.string() }),
    role: z.enum(['admin']),
  })
  .meta({
    id: 'Me',
    description: 'The caller and its role',
    examples: [
      {
        user: { id: '00000000-0000-7000-8000-000000000001', kind: 'user', name: 'Administrator' },
        role: 'admin',
      },
    ],
  });
