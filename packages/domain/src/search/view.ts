import type { Context } from '../core/index.ts';
import { wrongQuery } from '../query/index.ts';
import { find, type Sort } from '../views/index.ts';
import type { Narrowed } from './conditions.ts';
import type { Filters } from './schema.ts';

interface Ordered {
  readonly filters: Narrowed;
  readonly sort: Sort | undefined;
}

/**
 * Puts a view's query beside the other filters, and its order where no other is asked for. The query is read anew for
 * each caller: a view shows of its tickets those that whoever looks may see.
 * @throws query.invalid when there is no such view, view.ambiguous
 */
export async function withView(
  ctx: Context,
  { sort, view, ...filters }: Filters & { readonly sort: Sort | undefined },
): Promise<Ordered> {
  if (view === undefined) return { filters, sort };
  const saved = await find(ctx, { view });
  if (!saved) throw wrongQuery({ parameter: 'view', position: null }, 'There is no such view');
  const { name, query, names } = saved;
  return { filters: { ...filters, saved: { name, query, names } }, sort: sort ?? saved.sort };
}
