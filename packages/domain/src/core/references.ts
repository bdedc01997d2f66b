import { z } from 'zod';

/** A person, team or service as a ticket shows it. */
export const Reference = z
  .strictObject({ id: z.uuid(), name: z.string() })
  .meta({ id: 'Reference', description: 'A person, a team or a service, by id and name' });
export type Reference = z.output<typeof Reference>;
