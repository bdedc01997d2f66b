import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { root } from './checkout.ts';

const folder = join(root, 'docs/adr');
const MAX_WORDS = 450;
const SECTIONS = ['Context', 'Options', 'Decision', 'Consequences'];
const STATUS = String.raw`accepted|superseded by \[ADR \d+\]\([^)]+\)`;
const HEAD = new RegExp(
  String.raw`^# (?<number>\d+)\. (?<title>\S.*)\n\n- Status: (?<status>${STATUS})\n- Date: (?<date>\d{4}-\d{2}-\d{2})\n\n## `,
);

const files = readdirSync(folder).filter((file) => /^\d{4}-.+\.md$/.test(file));
const textOf = (file: string): string => readFileSync(join(folder, file), 'utf8');
const index = textOf('README.md');

test.each(files)('%s has the form of the template and leads only to files that exist', (file) => {
  expect(faultsOf(file, textOf(file), index)).toEqual([]);
});

test('the index lists every record once, in the order of numbers', () => {
  const listed = [...index.matchAll(/^\| \d+ \| \[.*\]\((.+)\) \|/gm)].map(([, file]) => file);
  expect(files.length).toBeGreaterThan(20);
  expect(listed).toEqual(files);
});

test.each(['docs/adr/README.md', 'bench/FIGURES.md'])(
  '%s leads only to files and headings that exist',
  (file) => {
    expect(brokenLinks(join(root, file), readFileSync(join(root, file), 'utf8'))).toEqual([]);
  },
);

const SOUND = [
  '# 7. A decision',
  '- Status: accepted\n- Date: 2026-01-31',
  ...SECTIONS.map((section) => `## ${section}\n\nText.`),
].join('\n\n');
const SOUND_INDEX = '| 7 | [A decision](0007-a.md) | accepted | 2026-01-31 |\n';

test('the check accepts a sound record', () => {
  expect(faultsOf('0007-a.md', SOUND, SOUND_INDEX)).toEqual([]);
});

test.each([
  ['a number that is not that of the file', 'number', SOUND.replace('# 7.', '# 8.')],
  ['a missing status', 'head', SOUND.replace('- Status: accepted\n', '')],
  ['an unknown status', 'head', SOUND.replace('accepted', 'proposed')],
  ['a missing section', 'sections', SOUND.replace('## Options\n\nText.\n\n', '')],
  ['sections in another order', 'sections', SOUND.replace('Context', 'X').replace('Options', 'Context')],
  ['an empty section', 'empty section', SOUND.replace('## Options\n\nText.', '## Options')],
  ['too many words', 'words', SOUND + ' word'.repeat(MAX_WORDS)],
  ['a title that the index does not have', 'index', SOUND.replace('A decision', 'Another')],
  ['a date that the index does not have', 'index', SOUND.replace('01-31', '01-30')],
  ['a link to no file', 'link', `${SOUND}\n[x](0099-nothing.md)`],
  ['a link to no heading', 'link', `${SOUND}\n[x](README.md#nothing)`],
])('the check can fail: %s', (_what, fault, text) => {
  expect(faultsOf('0007-a.md', text, SOUND_INDEX).join('\n')).toContain(fault);
});

/** What is wrong with a record, empty if nothing is. */
function faultsOf(file: string, text: string, listing: string): string[] {
  const { number = '', title, status, date } = HEAD.exec(text)?.groups ?? {};
  if (title === undefined) return ['head: title, status and date are not those of the template'];
  const sections = [...text.matchAll(/^## (.+)$/gm)].map(([, name]) => name);
  const words = text.split(/\s+/).filter(Boolean).length;
  const faults = {
    [`number: ${number} is not that of the file`]: number.padStart(4, '0') !== file.slice(0, 4),
    [`sections: ${sections.join(', ')}`]: sections.join() !== SECTIONS.join(),
    'empty section': /^## .+\n+(?=## |$(?![\s\S]))/m.test(text),
    [`words: ${words} of at most ${MAX_WORDS}`]: words > MAX_WORDS,
    'index: it lacks this title, status or date': !listing.includes(
      `| ${number} | [${title}](${file}) | ${status} | ${date} |\n`,
    ),
  };
  const broken = brokenLinks(join(folder, file), text).map((link) => `link: ${link}`);
  return [...Object.keys(faults).filter((fault) => faults[fault]), ...broken];
}

/** The links of a page that lead to no file, or to no heading of a Markdown file. */
function brokenLinks(page: string, text: string): string[] {
  const prose = text.replaceAll(/```[\s\S]*?```|`[^`\n]*`/g, '');
  const links = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
  return links.filter((link) => !/^https?:/.test(link) && !leadsSomewhere(page, link));
}

function leadsSomewhere(page: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? page : resolve(dirname(page), path);
  if (!existsSync(target)) return false;
  return anchor === undefined || anchorsOf(readFileSync(target, 'utf8')).includes(anchor);
}

/** The anchors that GitHub makes of the headings of a page. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
