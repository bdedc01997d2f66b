import { recordAct } from '../audit/index.ts';
import {
  type Context,
  changesBetween,
  DomainError,
  invalidInput,
  NameOrder,
  newId,
  type Page,
  utc,
} from '../core/index.ts';
import { readableTeam } from '../identity/index.ts';
import { findNames, parseQuery } from '../query/index.ts';
import { sharingForbidden, viewForbidden, viewNotFound } from './errors.ts';
import { ViewRow, viewFields, viewOf, withNames } from './model.ts';
import type { CreateView, EditView, GetView, ListViews, View } from './schema.ts';

/** The views that the caller may see. */
export function readable(ctx: Context) {
  const { sql, bindings } = ctx.ability.where('read', 'View', { columns: viewFields });
  return ViewRow.query(ctx.db).whereRaw(sql, bindings);
}

/** One view. @throws view.not_found */
export async function get(ctx: Context, { id }: GetView): Promise<View> {
  const view = await find(ctx, id);
  if (!view) throw viewNotFound();
  return view;
}

/** The view of this id, if the caller may see it. */
export async function find(ctx: Context, id: string): Promise<View | null> {
  const row = await withNames(readable(ctx)).findById(id);
  return row ? viewOf(row) : null;
}

/** Views by name: one's own, those shared with one, and those that come with the desk. @throws cursor.invalid */
export async function list(ctx: Context, input: ListViews): Promise<Page<View>> {
  const order = new NameOrder('views', {});
  return order.page(await withNames(order.order(readable(ctx), input)), input, viewOf);
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

/** The fields of a patch that are there, put over those before. */
const patched = (
  before: Written,
  patch: Partial<{ [Field in keyof Written]: Written[Field] | undefined }>,
): Written => ({
  name: patch.name ?? before.name,
  query: patch.query ?? before.query,
  sort: patch.sort ?? before.sort,
  columns: [...new Set(patch.columns ?? before.columns)],
  sharing: patch.sharing ?? before.sharing,
  teamId: patch.teamId === undefined ? before.teamId : patch.teamId,
});

/** Keeps a search under a name. @throws query.invalid, view.sharing_denied; input.invalid for a team that does not fit */
export function create(ctx: Context, input: CreateView): Promise<View> {
  return ctx.transaction(async (ctx) => {
    const at = utc(ctx.clock.now());
    const written = patched(defaults, input);
    await check(ctx, written);
    const id = newId();
    await ViewRow.query(ctx.db).insert({
      ...written,
      id,
      ownerId: ctx.caller.id,
      createdAt: at,
      updatedAt: at,
    });
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
    await ViewRow.query(ctx.db)
      .findById(id)
      .patch({ ...written, updatedAt: utc(ctx.clock.now()) });
    await recordAct(ctx, 'view.changed', { type: 'view', id, name: written.name, changes });
    return get(ctx, { id });
  });
}

/** Removes a view. @throws view.not_found, view.change_denied */
export function remove(ctx: Context, { id }: GetView): Promise<null> {
  return ctx.transaction(async (ctx) => {
    const row = await changeable(ctx, id, 'delete');
    await ViewRow.query(ctx.db).deleteById(id);
    await recordAct(ctx, 'view.deleted', { type: 'view', id, name: row.name });
    return null;
  });
}

/** A view that the caller may see and change, held until the transaction ends. */
async function changeable(ctx: Context, id: string, action: 'edit' | 'delete'): Promise<ViewRow> {
  const row = await readable(ctx).findById(id).forUpdate();
  if (!row) throw viewNotFound();
  if (!ctx.ability.can(action, 'View', { row })) throw viewForbidden();
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

/** A wrong query is told of where it stands here, which is not `q`. @throws query.invalid */
async function understood(ctx: Context, query: string): Promise<void> {
  try {
    await findNames(ctx, parseQuery(query, ctx.clock.now()));
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const { kind, code, message: detail, extra } = error;
    throw new DomainError({ kind, code, detail, extra, faults: [{ path: ['query'], message: detail }] });
  }
}

/** Whether a view can be so: its query means something, and its owner may share it so. */
async function check(ctx: Context, written: Written): Promise<void> {
  await understood(ctx, written.query);
  if (written.sharing === 'team' && written.teamId === null)
    throw invalidInput([{ path: ['teamId'], message: 'Say which team it is shared with' }]);
  if (written.sharing !== 'team' && written.teamId !== null)
    throw invalidInput([{ path: ['teamId'], message: 'Goes with `sharing: team` only; else it is null' }]);
  if (written.teamId !== null && !(await readableTeam(ctx, written.teamId)))
    throw invalidInput([{ path: ['teamId'], message: 'There is no such team' }]);
  if (!ctx.ability.can('create', 'View', { row: { ...written, ownerId: ctx.caller.id } }))
    throw sharingForbidden();
}
