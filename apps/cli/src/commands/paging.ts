import type { Command } from 'commander';
import type { Output, RenderTarget } from '../terminal/output.ts';
import { type Column, tableOf } from '../terminal/table.ts';
import { wholeNumber } from './options.ts';

/** Which part of a list is wanted. */
export interface PageOptions {
  readonly limit?: number;
  readonly offset?: number;
  readonly cursor?: string;
  readonly all?: boolean;
}

interface Page<T> {
  items: T[];
  nextCursor: string | null;
  /** Words that the desk took for others. */
  guessed?: string[];
}

const MAX_PAGE_SIZE = 100;

/** The options of every list. */
export const addPageOptions = (command: Command): Command =>
  command
    .option('--limit <n>', `at most so many, 1 to ${MAX_PAGE_SIZE}`, wholeNumber(1, MAX_PAGE_SIZE))
    .option('--offset <n>', 'pass over so many first, 0 to 10000', wholeNumber(0, 10_000))
    .option('--cursor <cursor>', 'go on where a page ended (its nextCursor)')
    .option('--all', 'everything, page after page');

type Fetch<T> = (page: { limit?: number; offset?: number; cursor?: string }) => Promise<Page<T>>;

/** Fetches the page that the options want; with `--all` everything from there on, as one page. */
export async function fetchPages<T>(options: PageOptions, fetch: Fetch<T>): Promise<Page<T>> {
  const { all = false, limit, offset, cursor } = options;
  const size = limit ?? (all ? MAX_PAGE_SIZE : undefined);
  const limited = size === undefined ? {} : { limit: size };
  const page = await fetch({
    ...limited,
    ...(offset === undefined ? {} : { offset }),
    ...(cursor === undefined ? {} : { cursor }),
  });
  while (all && page.nextCursor !== null) {
    const next = await fetch({ ...limited, cursor: page.nextCursor });
    for (const item of next.items) page.items.push(item);
    page.nextCursor = next.nextCursor;
  }
  return page;
}

/** A list that a command shows. */
export interface Listing<T> {
  readonly fetch: Fetch<T>;
  readonly columns: (target: RenderTarget) => readonly Column<T>[];
  /** What one of its items is called: `ticket`. */
  readonly item: string;
  /** True when options leave some of the items out. */
  readonly filtered: boolean;
  /** What to say where nothing is left out and there is nothing all the same. */
  readonly none: string;
}

/** Shows the part of a list that the options want, and says how to go on, or why there is nothing. */
export async function showPages<T>(output: Output, paging: PageOptions, listing: Listing<T>): Promise<void> {
  const page = await fetchPages(paging, listing.fetch);
  output.answer(page, ({ items }, target) => tableOf(target, items, listing.columns(target)));
  noteGuesses(output, page);
  if (page.items.length === 0) output.note(emptyNote(paging, listing));
  if (page.nextCursor) output.note(`There are more: --all, or --cursor ${page.nextCursor}`);
}

/** Tells of the words that the desk took for others. */
export function noteGuesses(output: Output, { guessed }: { readonly guessed?: string[] }): void {
  if (guessed)
    output.note(
      `No ticket has ${guessed.map((word) => `"${word}"`).join(' or ')}; found is what differs by one mistake.`,
    );
}

function emptyNote<T>({ offset, cursor }: PageOptions, { item, filtered, none }: Listing<T>): string {
  if (offset !== undefined || cursor !== undefined) return `No more ${item}s.`;
  return filtered ? `No ${item} is like that.` : none;
}
