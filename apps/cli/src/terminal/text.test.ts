import { expect, test } from 'vitest';
import { cleanDeep, cleanLine, cleanText, shorten, toJson } from './text.ts';

const controls = [
  ...Array.from({ length: 0x20 }, (_, code) => code),
  ...Array.from({ length: 0x21 }, (_, at) => 0x7f + at),
].map((code) => String.fromCharCode(code));

test('no control character reaches a terminal, but for line ends and tabs', () => {
  const survivors = controls.filter((control) => /\p{Cc}/u.test(cleanText(`a${control}b`)));
  expect(survivors).toEqual(['\t', '\n']);
});

const everyCharacter = Array.from({ length: 0x110000 }, (_, code) => String.fromCodePoint(code)).join('');
const turning = [...everyCharacter].filter((character) => /\p{Bidi_Control}/u.test(character));

test('nothing that turns the direction of a line reaches a terminal, and JSON escapes it', () => {
  expect(turning.length).toBeGreaterThan(10);
  for (const control of turning) {
    expect(cleanText(`invoice_${control}fdp.exe`)).toBe('invoice_fdp.exe');
    expect(cleanDeep({ title: control, tags: [control] })).toEqual({ title: '', tags: [''] });
    expect(toJson({ title: control })).not.toContain(control);
    expect(JSON.parse(toJson({ title: control }))).toEqual({ title: control });
  }
});

test('a line is one line, whatever is in it', () => {
  expect(cleanLine(everyCharacter)).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
});

test('an escape sequence is shown, not obeyed', () => {
  expect(cleanText('\u001b]0;owned\u0007')).toBe('␛]0;owned␇');
});

test('ordinary text of any script stays as it is', () => {
  const text = 'Ünïcode – 日本語 🚒👩‍🚒\n\tindented';
  expect(cleanText(text)).toBe(text);
});

test('texts are cleaned wherever they stand in an answer, numbers and null stay', () => {
  const answer = { items: [{ title: 'a\u001b[2J', n: 1, none: null, tags: ['\u0007'] }], 'k\u001b': true };
  expect(cleanDeep(answer)).toEqual({
    items: [{ title: 'a␛[2J', n: 1, none: null, tags: ['␇'] }],
    'k␛': true,
  });
});

test('JSON keeps every value and holds no control character either', () => {
  const answer = { title: controls.join(''), more: '\u2028\u2029 ü' };
  const json = toJson(answer);
  expect(JSON.parse(json)).toEqual(answer);
  expect(json.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
});

test('a shortened text has at most so many characters, and never half of one', () => {
  expect(shorten('🚒🚒🚒', 3)).toBe('🚒🚒🚒');
  expect(shorten('🚒🚒🚒🚒', 3)).toBe('🚒🚒…');
});
