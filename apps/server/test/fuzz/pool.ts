import type { DescribedOperation } from './document.ts';

type Fields = Readonly<Record<string, unknown>>;

const MARK = /^\{\{(id|field):([\w-]+)\}\}([\s\S]*)$/;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Every string that a value holds. */
function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsIn) : [];
}

/** A value with each of its strings replaced. */
function replaced(value: unknown, by: (text: string) => unknown): unknown {
  if (typeof value === 'string') return by(value);
  if (Array.isArray(value)) return value.map((item) => replaced(item, by));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, replaced(member, by)]));
}

/** What earlier examples have made, for later ones to name. */
export class Pool {
  readonly #made: { readonly kind: string; readonly fields: Fields }[] = [];
  readonly #cursors = new Map<string, string[]>();

  /** Keeps what an operation made (its answer, and what was sent for it), and where a list goes on. */
  remember(
    { name, path }: DescribedOperation,
    sent: unknown,
    { status, body }: { status: number; body: Fields },
  ) {
    if (typeof body?.nextCursor === 'string')
      this.#cursors.set(name, [...(this.#cursors.get(name) ?? []), body.nextCursor].slice(-20));
    if (status !== 201) return;
    const kind = path.split('/')[1] ?? '';
    this.#made.push({ kind, fields: { ...(sent as Fields), ...body } });
  }

  /** The field of something made, by its id. */
  fieldOf(id: string, field: string): unknown {
    return this.#made.find(({ fields }) => fields.id === id)?.fields[field];
  }

  /** A value with what it stands for; its fields of things made are those of one and the same thing. */
  fill(value: unknown, { name }: DescribedOperation, draw: number): unknown {
    const names = stringsIn(value).flatMap((text) => {
      const [, kind, field = ''] = MARK.exec(text) ?? [];
      return kind === 'field' && field !== 'cursor' ? [field] : [];
    });
    const whole = this.#made.filter(({ fields }) =>
      names.every((field) => typeof fields[field] === 'string'),
    );
    const picked = whole[draw % whole.length]?.fields ?? {};
    const cursors = this.#cursors.get(name) ?? [];
    const fields: Fields = { ...picked, cursor: cursors[draw % cursors.length] };
    return replaced(value, (text) => {
      const [, kind, what = '', otherwise = ''] = MARK.exec(text) ?? [];
      if (kind === undefined) return text;
      return (kind === 'id' ? this.#idOf(what, draw, UUID.test(otherwise)) : fields[what]) ?? otherwise;
    });
  }

  /** The id of something of a kind; where the kind is unknown and any will do, of anything. */
  #idOf(kind: string, draw: number, anyWillDo: boolean): unknown {
    const ids = this.#made.map((made) => ({ kind: made.kind, id: made.fields.id }));
    const ofKind = ids.filter(({ id, ...made }) => id !== undefined && made.kind === kind);
    const others = anyWillDo ? ids.filter(({ id }) => UUID.test(String(id))) : [];
    const choice = ofKind.length > 0 ? ofKind : others;
    return choice[draw % choice.length]?.id;
  }
}
