import { recordAct } from '../audit/index.ts';
import {
  type Context,
  changesBetween,
  DomainError,
  invalidInput,
  isId,
  NameOrder,
  newId,
  type Page,
  pageBytesOf,
  unlessTaken,
  utc,
} from '../core/index.ts';
import { readableTeam } from '../identity/index.ts';
import { findNames, type KeptName, keptNames, parseQuery } from '../query/index.ts';
import { sharingForbidden, viewAmbiguous, viewForbidden, viewNameTaken, viewNotFound } from './errors.ts';
import { ViewRow, viewFields, withNames } from './model.ts';
import type { CreateView, DeleteView, EditView, GetView, ListViews, View } from './schema.ts';
import { shownView } from './shown.ts';

/** The views that the caller may see. */
export function readable(ctx: Context) {
  const { sql, bindings } = ctx.ability.where('read', 'View', { columns: viewFields });
  return ViewRow.query(ctx.db).whereRaw(sql, bindings);
}

/** One view, by its id or its name. @throws view.not_found, view.ambiguous */
export async function get(ctx: Context, { id }: GetView): Promise<View> {
  const row = await find(ctx, { id });
  if (!row) throw viewNotFound();
  return shownView(ctx, row);
}

/**
 * The view of this id or name, if the caller may see it. Of one name their own comes before one of their team, that before
 * one for all, and that before those that come with the desk.
 * @param named by which field, and how
 * @throws view.ambiguous
 */
export async function find(ctx: Context, named: Readonly<Record<string, string>>): Promise<ViewRow | null> {
  const [[field, text]] = Object.entries(named) as [[string, string]];
  if (isId(text)) return (await withNames(readable(ctx)).findById(text)) ?? null;
  const rows = await withNames(readable(ctx))
    .whereRaw('lower(views.name) collate "C" = lower(?)', [text])
    .orderBy('views.id')
    .limit(MAX_SAME_NAME);
  const nearest = Math.min(...rows.map((row) => distance(ctx, row)));
  const [row, ...others] = rows.filter((row) => distance(ctx, row) === nearest);
  if (row && others.length > 0)
    throw viewAmbiguous(
      field,
      [row, ...others].map((one) => shownView(ctx, one)),
    );
  return row ?? null;
}

const MAX_SAME_NAME = 1000;

/** How far a view is from somebody. */
function distance({ caller }: Context, { ownerId, sharing }: ViewRow): number {
  if (ownerId === caller.id) return 0;
  return ownerId === null ? 3 : sharing === 'team' ? 1 : 2;
}

/** Views by name: one's own, those shared with one, and those that come with the desk. @throws cursor.invalid */
export async function list(ctx: Context, input: ListViews): Promise<Page<View>> {
  const order = new NameOrder('views', {});
  return order.page(await withNames(order.order(readable(ctx), input)), input, {
    item: (row) => shownView(ctx, row),
    maxBytes: pageBytesOf(ctx),
  });
}

type Written = Pick<ViewRow, 'name' | 'query' | 'sort' | 'columns' | 'sharing' | 'teamId'>;

const defaults: Written = {
  name: '',
  query: '',
  sort: '-createdAt',
  columns: ['key', 'title', 'status', 'priority', 'assignee', 'createdAt'],
  sharing: 'private',
  teamId: null,
};

/** The fields of a patch that are there, put over those before. Shared no longer with a team, a view has none. */
function patched(
  before: Written,
  patch: Partial<{ [Field in keyof Written]: Written[Field] | undefined }>,
): Written {
  const sharing = patch.sharing ?? before.sharing;
  return {
    name: patch.name ?? before.name,
    query: patch.query ?? before.query,
    sort: patch.sort ?? before.sort,
    columns: [...new Set(patch.columns ?? before.columns)],
    sharing,
    teamId: patch.teamId === undefined && sharing === 'team' ? before.teamId : (patch.teamId ?? null),
  };
}

/**
 * Keeps a search under a name.
 * @throws query.invalid, view.name_taken, view.sharing_denied; input.invalid for a team that does not fit
 */
export function create(ctx: Context, input: CreateView): Promise<View> {
  return ctx.transaction(async (ctx) => {
    const at = utc(ctx.clock.now());
    const written = patched(defaults, input);
    await check(ctx, written);
    const id = newId();
    const names = await namesOf(ctx, written.query);
    const row = { ...written, names, id, ownerId: ctx.caller.id, createdAt: at, updatedAt: at };
    await unlessNameTaken(ViewRow.query(ctx.db).insert(row));
    await recordAct(ctx, 'view.created', {
      type: 'view',
      id,
      name: written.name,
      changes: changesBetween(null, recorded(written)),
    });
    return get(ctx, { id });
  });
}

/**
 * Changes a view. Where nothing differs nothing is written.
 * @throws view.not_found, view.change_denied, and what `create` throws
 */
export function edit(ctx: Context, { id, ...patch }: EditView): Promise<View> {
  return ctx.transaction(async (ctx) => {
    const row = await changeable(ctx, id, 'edit');
    const written = patched(writtenOf(row), patch);
    const changes = changesBetween(recorded(writtenOf(row)), recorded(written));
    if (Object.keys(changes).length === 0) return get(ctx, { id });
    await check(ctx, written);
    // The names of a query that stays mean what they meant.
    const names = written.query === row.query ? row.names : await namesOf(ctx, written.query);
    const columns = { ...written, names, updatedAt: utc(ctx.clock.now()) };
    await unlessNameTaken(ViewRow.query(ctx.db).findById(id).patch(columns));
    await recordAct(ctx, 'view.changed', { type: 'view', id, name: written.name, changes });
    return get(ctx, { id });
  }, `view:${id}`);
}

/** Removes a view. @throws view.not_found, view.change_denied */
export function remove(ctx: Context, { id }: DeleteView): Promise<null> {
  return ctx.transaction(async (ctx) => {
    const row = await changeable(ctx, id, 'delete');
    await ViewRow.query(ctx.db).deleteById(id);
    await recordAct(ctx, 'view.deleted', { type: 'view', id, name: row.name });
    return null;
  }, `view:${id}`);
}

/** A view that the caller may see and change, held until the transaction ends. */
async function changeable(ctx: Context, id: string, action: 'edit' | 'delete'): Promise<ViewRow> {
  const row = await readable(ctx).findById(id).forUpdate();
  if (!row) throw viewNotFound();
  if (!ctx.ability.can(action, 'View', { row })) throw viewForbidden(row.ownerId === null);
  return row;
}

const writtenOf = ({ name, query, sort, columns, sharing, teamId }: ViewRow): Written => ({
  name,
  query,
  sort,
  columns,
  sharing,
  teamId,
});

/** What the record of administration keeps of a view. */
const recorded = (written: Written): Record<string, unknown> => ({ ...written });

const unlessNameTaken = <T>(write: PromiseLike<T>): Promise<T> =>
  unlessTaken(write, 'views_name_unique', viewNameTaken);

/** What the names in a query mean. A wrong query is told of where it stands here, which is not `q`. @throws query.invalid */
async function namesOf(ctx: Context, text: string): Promise<readonly KeptName[]> {
  try {
    const query = parseQuery(text, ctx.clock.now());
    return keptNames(query, await findNames(ctx, query));
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const { code, message: detail, extra } = error;
    throw new DomainError({ code, detail, extra, faults: [{ path: ['query'], message: detail }] });
  }
}

/** Whether its owner may share a view so. */
async function check(ctx: Context, written: Written): Promise<void> {
  if (written.sharing === 'team' && written.teamId === null)
    throw invalidInput([{ path: ['teamId'], message: 'Say which team it is shared with' }]);
  if (written.sharing !== 'team' && written.teamId !== null)
    throw invalidInput([{ path: ['teamId'], message: 'Goes with `sharing: team` only; else it is null' }]);
  if (written.teamId !== null && !(await readableTeam(ctx, written.teamId)))
    throw invalidInput([{ path: ['teamId'], message: 'There is no such team' }]);
  if (!ctx.ability.can('create', 'View', { row: { ...written, ownerId: ctx.caller.id } }))
    throw sharingForbidden();
}
