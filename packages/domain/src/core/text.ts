import { z } from 'zod';

export interface TextRule {
  /** Code points, so that an emoji counts as one. */
  readonly max: number;
  /** Kept in lower case; the bound holds afterwards, for some letters become two. */
  readonly lower?: boolean;
  /** A name, which somebody else writes again: a letter that came in parts is kept as one. */
  readonly name?: boolean;
  /** Line of text (a title, a name): surrounding white space is removed and something must remain. */
  readonly line?: boolean;
}

const codePoints = (text: string): number => {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
};

/** A UTF-16 length over twice the bound is too long whatever it holds, so a huge string costs nothing to refuse. */
const fits = (text: string, max: number): boolean =>
  text.length <= max || (text.length <= max * 2 && codePoints(text) <= max);

/** PostgreSQL stores no NUL, and a lone surrogate has no UTF-8: it would come back as another character. */
const isStorable = (text: string): boolean => !text.includes('\0') && text.isWellFormed();

/**
 * A Zod string of Unicode text: at most `max` code points, no NUL, no lone surrogate; kept as sent, but for the white
 * space around a line. The rule is stated in the JSON schema as well.
 */
export const text = ({ max, line = false, lower = false, name = false }: TextRule) =>
  plain({ line, lower, name })
    .refine(isStorable, 'Must be Unicode text without NUL or lone surrogates')
    .refine((value) => !line || value.length > 0, 'Must not be blank')
    .refine((value) => fits(value, max), `Must be at most ${max.toLocaleString('en')} characters`)
    .meta({
      ...(line ? { minLength: 1 } : {}),
      maxLength: max,
      pattern: line ? '^(?=[^\\u0000]*\\S)[^\\u0000]*$' : '^[^\\u0000]*$',
    });

/**
 * The pattern, for the JSON schema, of a line without control characters once the white space around it is removed.
 * @param others characters that it must not hold, either
 */
export const linePattern = (others = ''): string => {
  const refused = `${others}\\u0000-\\u001f\\u007f-\\u009f`;
  return `^\\s*[^\\s${refused}][^${refused}]*\\s*$`;
};

const earliest = Date.UTC(1900, 0, 1);
const latest = Date.UTC(10_000, 0, 1);
const isWithinReach = (value: string): boolean => Date.parse(value) >= earliest && Date.parse(value) < latest;

const plain = ({ line, lower, name }: Omit<Required<TextRule>, 'max'>): z.ZodString => {
  const trimmed = line ? z.string().trim() : z.string();
  const whole = name ? trimmed.normalize() : trimmed;
  return lower ? whole.toLowerCase() : whole;
};

/** A moment as RFC 3339 with an offset, within the years 1900 to 9999. Give it to `utc` before use. */
export const timestamp = () =>
  z.iso
    .datetime({
      offset: true,
      error: 'Must be a time as in RFC 3339, such as 2026-01-31T09:30:00.000Z',
      abort: true,
    })
    .refine(isWithinReach, 'Must lie within the years 1900 to 9999');

/** A moment in the form that Tocsin answers, as a cursor holds it. */
export const utcTimestamp = () => z.iso.datetime({ precision: 3 }).refine(isWithinReach);

/** The same moment in the one form that Tocsin answers: UTC with milliseconds. */
export const utc = (moment: string | Date): string => new Date(moment).toISOString();
