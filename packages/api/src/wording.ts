import { z } from 'zod';

type Issue = z.core.$ZodRawIssue;

/** What a value must be, as a sentence goes on behind "Must be". */
const kinds: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

const counted = (origin: string, count: unknown): string => {
  const number = Number(count).toLocaleString('en');
  if (origin === 'array') return `${number} ${count === 1 ? 'item' : 'items'}`;
  return origin === 'string' ? `${number} ${count === 1 ? 'character' : 'characters'}` : number;
};

function wordsOf(issue: Issue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return 'Is missing';
      if (Array.isArray(issue.input)) return 'Must be given once, and not as a list';
      return `Must be ${kinds[issue.expected] ?? `of type ${issue.expected}`}`;
    case 'invalid_value':
      if (issue.input === undefined) return 'Is missing';
      return `Must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.join(', ')}`;
    case 'too_small':
      return `Must be at least ${counted(issue.origin, issue.minimum)}`;
    case 'too_big':
      return `Must be at most ${counted(issue.origin, issue.maximum)}`;
    default:
      return undefined;
  }
}

/** Says what is wrong with an input in the words of those who send it, wherever its schema has none of its own. */
export function useOurWords(): void {
  z.config({ customError: wordsOf });
}
