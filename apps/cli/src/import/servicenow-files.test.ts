import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { header, read, readFile, readText, row, written } from '../../test/servicenow-log.ts';
import { temporaryFolder } from '../../test/tocsin.ts';

test.each(['\n', '\r\n'])(
  'lines are those of the file, with quotes, empty lines and line ends %j',
  async (end) => {
    const quoted = row('1', { category: `"a${end}b ""c"""` });
    const read_ = await readText([`\ufeff${header}`, quoted, '', row('2'), row('3')].join(end));
    expect(read_.map(({ line, entry }) => [line, entry?.id])).toEqual([
      [2, '1'],
      [5, '2'],
      [6, '3'],
    ]);
    expect(read_[0]?.entry?.ticket.title).toBe('Category a\nb "c", subcategory 170, symptom 72');
  },
);

test('a quote that is not closed costs its row, and is told where it began', async () => {
  const many = Array.from({ length: 60_000 }, (_, at) => row(`b${at}`));
  const text = [header, row('1'), row('2', { category: '"55' }), ...many, row('3', { symptom: '"x' })].join(
    '\n',
  );
  const read_ = await readText(text);
  expect(read_).toHaveLength(60_003);
  expect(read_.flatMap(({ line, rejection }) => (rejection ? [[line, rejection.reason]] : []))).toEqual([
    [3, 'a quote is opened in line 3 and not closed at the end of its cell'],
    [60_004, 'a quote is opened in line 60004 and never closed'],
  ]);
});

test('a stray quote costs its row, whatever stands around it', async () => {
  const stray = ['Ma"il', '"Mail" x', '"Ma"il"', '"""', '"Mail'].map((category, at) =>
    row(`s${at}`, { category }),
  );
  const read_ = await read(
    ...stray.flatMap((one, at) => [one, row(`g${at}`, { category: `"a ""b"" ${at}, c"` })]),
  );
  expect(read_.map(({ rejection, entry }) => [Boolean(rejection), entry?.id])).toEqual(
    stray.flatMap((_, at) => [
      [true, undefined],
      [false, `g${at}`],
    ]),
  );
  expect(read_.at(-1)?.entry?.ticket.title).toBe('Category a "b" 4, c, subcategory 170, symptom 72');
});

test('a field that is too long is called that, and costs its row only where it would be taken over', async () => {
  const long = 'x'.repeat(10_000_000);
  const text = (name: string, quote: string) =>
    [`${header},${name}`, `${row('1')},${quote}${long}${quote}`, `${row('2')},short`].join('\n');
  for (const quote of ['', '"']) {
    const [first, second] = await readText(text('description', quote));
    expect(first?.rejection?.reason).toBe(
      'description is a field of 10,000,000 bytes; at most 400,000 can be taken over',
    );
    expect(second?.entry?.ticket.description).toBe('short');
    expect((await readText(text('work_notes', quote))).map(({ rejection }) => rejection)).toEqual([
      undefined,
      undefined,
    ]);
  }
});

test.each([
  ['another table', 'a,b\n1,2\n', /not an incident event log.*number, ident_state/s],
  ['one category only', `${header.replace(',category,', ',')}\n`, /not there: category/],
  ['nothing', '', /is empty/],
  ['a broken zip', 'PK\u0003\u0004rest', /a zip that ends too early/],
  ['a picture', '\u0089PNG\r\n\u001a\n\0\0\0', /not an incident event log/],
])('%s is no log of ServiceNow', async (_what, text, message) => {
  await expect(readText(text)).rejects.toThrow(message);
});

test('a file that is not there, and a folder, are told as such', async () => {
  await expect(readFile('/nowhere/log.csv')).rejects.toThrow('There is no file /nowhere/log.csv.');
  await expect(readFile(temporaryFolder())).rejects.toThrow('is not a file');
});

test.each([
  ['windows-1252', Buffer.from(`${header}\n${row('1', { category: 'Störung' })}`, 'latin1')],
  ['utf-16le', Buffer.from(`\ufeff${header}\n${row('1', { category: 'Störung' })}`, 'utf16le')],
  ['utf-16be', Buffer.from(`\ufeff${header}\n${row('1', { category: 'Störung' })}`, 'utf16le').swap16()],
])('a file in %s is read, by what it shows or what is said', async (encoding, bytes) => {
  const [only] = await readText(bytes, { encoding });
  expect(only?.entry?.ticket.title).toContain('Category Störung');
  if (encoding === 'windows-1252') return;
  // With its mark, and without one.
  for (const some of [bytes, bytes.subarray(2)])
    expect((await readText(some))[0]?.entry?.ticket.title).toContain('Category Störung');
  await expect(readText(bytes, { encoding: 'windows-1252' })).rejects.toThrow(
    `begins as a file in ${encoding}`,
  );
});

test.each([
  ['utf-8', Buffer.from(`${header}\n${row('1', { category: 'Störung' })}`, 'latin1'), '0xF6', 'windows-1252'],
  ['utf-8', Buffer.from(`${header}\n${row('1', { category: 'Gräte' })}`, 'latin1'), '0xE4', 'windows-1252'],
  ['windows-1252', Buffer.from(`${header}\n${row('1', { category: '\u0081' })}`, 'latin1'), '0x81', 'utf-8'],
  [
    'utf-16le',
    Buffer.from(`\ufeff${header}\n${row('1', { category: '\ud800x' })}`, 'utf16le'),
    '0x00',
    'utf-8',
  ],
] as const)(
  'the first byte that cannot be in %s is told with its place',
  async (...[encoding, bytes, hex, other]) => {
    const path = written(bytes);
    const given = encoding === 'utf-8' ? {} : { encoding };
    const found = await readFile(path, given).catch((error: Error) => error.message);
    expect(found).toContain(`is not in ${encoding}: the byte ${hex} at offset`);
    expect(found).toContain('in line 2, cannot be');
    expect(found).toContain(other);
    const offset = Number(/offset (\d+)/.exec(String(found))?.[1]);
    expect(bytes[offset]).toBe(Number(hex));
  },
);

test('a file in UTF-8 is not taken for another encoding, in which its letters would be others', async () => {
  const text = (category: string) => `${header}\n${row('1', { category })}`;
  await expect(readText(text('Störung'), { encoding: 'windows-1252' })).rejects.toThrow(
    /is in utf-8.*leave --encoding out/,
  );
  expect(await readText(text('Mail'), { encoding: 'windows-1252' })).toHaveLength(1);
});

test('a row with more text than can be sent is rejected by itself, and the next one opens its ticket', async () => {
  const long = '""'.repeat(190_000);
  const columns = `${header},description,close_notes`;
  const text = [columns, `${row('1', { state: 'Closed' })},"${long}","${long}"`, `${row('1')},,`].join('\n');
  const [first, second] = await readText(text);
  expect(first).toEqual({
    line: 2,
    rejection: { code: 'row.unreadable', reason: expect.stringContaining('sent at once') },
  });
  expect(second?.opening?.position).toBe(0);
});

test('letters that lie across two pieces of a file are whole', async () => {
  const rows = Array.from({ length: 3000 }, (_, at) =>
    row(`${at}`, { category: 'Gräte €😀'.repeat(1 + (at % 5)) }),
  );
  const text = [header, ...rows].join('\n');
  const expected = (await readText(text)).map(({ entry }) => entry?.ticket.title);
  expect(expected[1]).toContain('Category Gräte €😀Gräte €😀,');
  for (const bytes of [Buffer.from(text, 'utf16le'), Buffer.from(text, 'utf16le').swap16()])
    expect((await readText(bytes)).map(({ entry }) => entry?.ticket.title)).toEqual(expected);
});

test.each([
  ['sep=;', (text: string) => `sep=;\n${text.replaceAll(',', ';')}`, 3],
  ['semicolons', (text: string) => text.replaceAll(',', ';'), 2],
  ['tabs', (text: string) => text.replaceAll(',', '\t'), 2],
  ['CR', (text: string) => text.replaceAll('\n', '\r'), 2],
])('a file with %s is read', async (_what, change, line) => {
  const read_ = await readText(change([header, row('1'), row('2'), ''].join('\n')));
  expect(read_.map((one) => [one.line, one.entry?.id])).toEqual([
    [line, '1'],
    [line + 1, '2'],
  ]);
});

const log = `${header}\n${row('1')}\n`;
test.each([
  ['a gzip within', gzipSync(gzipSync(log))],
  ['a zip within', gzipSync(Buffer.from('PK\u0003\u0004 and so on'))],
  ['a workbook', Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1])],
  ['a picture', Buffer.from('\u0089PNG\r\n', 'latin1')],
  ['a PDF', Buffer.from('%PDF-1.7\n')],
  ['utf-32', Buffer.from([0xff, 0xfe, 0, 0, 0x6e, 0, 0, 0])],
])('what is %s is called that instead of text in another encoding', async (what, bytes) => {
  await expect(readText(bytes)).rejects.toThrow(what);
});
