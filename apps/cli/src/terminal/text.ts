/**
 * Text of tickets was written by others. A terminal obeys control characters in it (it could move the cursor, rewrite
 * the title bar, or type commands for the reader), so none may reach it.
 */

const CONTROL_PICTURES = 0x2400;
const DELETE = 0x7f;

/** Text that a shell takes literally. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** A word for a shell, in quotes where it needs them. */
export const shellWord = (text: string): string => (/^\w[\w.-]*$/.test(text) ? text : quoted(text));

/** A control character as a picture of itself, so that the reader sees that something was there. */
function picture(control: string): string {
  const code = control.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(CONTROL_PICTURES + code);
  return code === DELETE ? '\u2421' : '\ufffd';
}

/** Text of several lines without characters that command a terminal or turn its direction; line ends and tabs stay. */
export const cleanText = (text: string): string =>
  text
    .replaceAll('\r\n', '\n')
    .replace(/\p{Bidi_Control}/gu, '')
    .replace(/\p{Cc}/gu, (control) => (control === '\n' || control === '\t' ? control : picture(control)));

/** The same in one line. */
export const cleanLine = (text: string): string => cleanText(text).replace(/[\n\t\p{Zl}\p{Zp}]+/gu, ' ');

/** The same value with every text in it cleaned; keys as well, for they are shown too. */
export function cleanDeep<T>(value: T): T {
  const clean = (part: unknown): unknown => {
    if (typeof part === 'string') return cleanText(part);
    if (Array.isArray(part)) return part.map(clean);
    if (typeof part !== 'object' || part === null) return part;
    return Object.fromEntries(Object.entries(part).map(([key, inner]) => [cleanLine(key), clean(inner)]));
  };
  return clean(value) as T;
}

/** JSON for people and programs. What JSON leaves unescaped but a terminal obeys (DEL, C1, bidi controls) is escaped: the value is the same. */
export const toJson = (value: unknown): string =>
  JSON.stringify(value, null, 2).replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, (char) =>
    char === '\n' ? char : `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** At most `max` characters, the last one an ellipsis when something was cut. */
export function shorten(text: string, max: number): string {
  const characters = [...text];
  return characters.length > max ? `${characters.slice(0, max - 1).join('')}…` : text;
}

/** A moment for people: `2026-01-31 09:30:00 UTC`. Always UTC, so that two people at two desks read the same. */
export const moment = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;

/** The same to the minute, for a column that says UTC at its head. */
export const minute = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 16)}`;

/** `reopenCount` as people write it: `Reopen count`. */
export function label(field: string): string {
  const words = field.replace(/[A-Z]/g, (capital) => ` ${capital.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}
