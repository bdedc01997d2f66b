import { problemOf } from '@tocsin/client';
import stringWidth from 'string-width';
import { Failure, UsageError } from '../../failures.ts';
import { cleanLine } from '../../terminal/text.ts';

/** What stands before the value of a word: that it is not wanted, a field, how it is compared. */
const BEFORE_VALUE = /^(-?(?:[a-z]{2,}:(?!\/\/)(?:>=|<=|>|<)?(?=\S))?)(.*)$/is;
/** Operators, or a field behind a blank: such an argument is a query of its own, and no phrase. */
const IS_QUERY = /(^|\s)(OR|AND|NOT)(\s|$)|\s-?[a-z]{2,}:[^\s/]|\s-\p{L}/u;

/** Options of every list with a hyphen too few: as words to leave out they are no likely ones. */
const MISTAKEN = /^-(json|limit|offset|cursor|sort)$/;

/**
 * The query that words of a command line make. One alone is a query as it stands. Of several a word that has blanks in it
 * was in quotes that the shell took away, so it gets them back: `list disk "no space left" team:"Net work"`. One with operators or
 * fields in it is a query of its own: `list 'disk OR vpn' is:open`.
 * @returns undefined for no words
 * @throws UsageError for what was meant as an option
 */
export function queryOf(words: readonly string[]): string | undefined {
  const mistaken = words.find((word) => word.startsWith('--'));
  if (mistaken !== undefined)
    throw new UsageError(
      `unknown option '${cleanLine(mistaken)}' (--help shows those there are; to look for it, put it in quotes: '"${cleanLine(mistaken)}"')`,
    );
  const option = words.find((word) => MISTAKEN.test(word));
  if (option !== undefined)
    throw new UsageError(
      `"${cleanLine(option)}" leaves out a word; for the option write -${cleanLine(option)}, or -"${cleanLine(option.slice(1))}" for the word`,
    );
  if (words.length === 0) return undefined;
  return words.length === 1 ? words[0] : words.map(asTyped).join(' ');
}

function asTyped(word: string): string {
  if (!/\s/.test(word)) return word;
  if (IS_QUERY.test(word)) return `(${word})`;
  if (/["()]/.test(word)) return word;
  const [, before = '', value = word] = BEFORE_VALUE.exec(word) ?? [];
  return `${before}"${value}"`;
}

/** The answer to a search. @throws Failure that points at what is wrong with the query, where the desk says where that is */
export async function asking<T>(query: string | undefined, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    const problem = problemOf(error);
    const position = problem?.position;
    if (query === undefined || problem?.code !== 'query.invalid' || typeof position !== 'number') throw error;
    const before = stringWidth([...cleanLine(query)].slice(0, position - 1).join(''));
    const lines = [
      problem.detail,
      `  ${cleanLine(query)}`,
      `  ${' '.repeat(before)}^`,
      `code: ${problem.code}`,
    ];
    throw new Failure(lines.join('\n'), { cause: error });
  }
}
