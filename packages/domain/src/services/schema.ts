import { z } from 'zod';
import { pageFields, Reference, uuid } from '../core/index.ts';
import { Name, namePrefix } from '../identity/index.ts';

const time = (what: string) => z.iso.datetime().describe(what).optional();

export const Service = z
  .strictObject({
    id: z.uuid(),
    name: z.string(),
    team: Reference.describe('Who answers for it').optional(),
    createdAt: time('When it was entered'),
    updatedAt: time('When it last changed'),
  })
  .meta({
    id: 'Service',
    description: 'Something that is operated. What the caller may not see is absent',
    examples: [
      {
        id: '019c1378-2a00-7d3b-9a50-3f5c1b7e9d14',
        name: 'VPN',
        team: { id: '019c1378-2a00-7d3b-9a50-3f5c1b7e9d13', name: 'Network' },
        createdAt: '2026-01-31T09:30:00.000Z',
        updatedAt: '2026-01-31T09:30:00.000Z',
      },
    ],
  });
export type Service = z.output<typeof Service>;

const teamId = uuid().describe('The team that answers for it; tickets that name no team go there');

export const CreateService = z
  .strictObject({ name: Name, teamId })
  .meta({ examples: [{ name: 'VPN', teamId: '019c1378-2a00-7d3b-9a50-3f5c1b7e9d13' }] });
export type CreateService = z.output<typeof CreateService>;

export const EditService = z
  .strictObject({ id: uuid(), name: Name.optional(), teamId: teamId.optional() })
  .meta({ examples: [{ name: 'VPN and remote desktops' }] });
export type EditService = z.output<typeof EditService>;

export const GetService = z.strictObject({ id: uuid() });
export type GetService = z.output<typeof GetService>;

export const ListServices = z
  .strictObject({
    ...pageFields,
    name: namePrefix.optional(),
    teamId: uuid().describe('This team answers for it').optional(),
  })
  .prefault({});
export type ListServices = z.output<typeof ListServices>;
