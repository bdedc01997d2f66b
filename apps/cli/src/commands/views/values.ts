import type { Inputs, Outputs } from '@tocsin/client';
import { valuesOf } from '../options.ts';

export type View = Outputs['views']['get'];
export type ViewColumn = View['columns'][number];
export type ViewFields = Omit<Inputs['views']['edit'], 'id'>;

/** What the desk knows; a value that joins there does not compile until it stands here. */
export const sorts = valuesOf<View['sort']>({
  createdAt: true,
  '-createdAt': true,
  updatedAt: true,
  '-updatedAt': true,
  priority: true,
  '-priority': true,
});

export const sharings = valuesOf<View['sharing']>({ private: true, team: true, all: true });

export const viewColumns = valuesOf<ViewColumn>({
  key: true,
  title: true,
  type: true,
  status: true,
  holdReason: true,
  priority: true,
  impact: true,
  urgency: true,
  requester: true,
  assignee: true,
  team: true,
  service: true,
  restricted: true,
  tags: true,
  reopenCount: true,
  createdAt: true,
  updatedAt: true,
  resolvedAt: true,
  closedAt: true,
});
