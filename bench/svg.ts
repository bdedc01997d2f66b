/** One bar: how long it is, and what is written at its end. */
export interface Bar {
  readonly label: string;
  readonly value: number;
  readonly text: string;
  /** Of our own doors; the others are drawn in grey. */
  readonly ours: boolean;
}

/** Bars with one scale. */
export interface Group {
  readonly title: string;
  readonly bars: readonly Bar[];
}

const WIDTH = 760;
const LABEL = 270;
const TEXT = 90;
const BAR = 18;
const GAP = 4;
const HEAD = 26;
const TOP = 52;

const STYLE = `text{font:13px system-ui,sans-serif;fill:#24292f}.title{font-size:16px;font-weight:600}.group{font-weight:600}
.note{font-size:12px;fill:#57606a}.ours{fill:#0969da}.other{fill:#afb8c1}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.note{fill:#9198a1}.ours{fill:#4493f8}.other{fill:#656c76}}`;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** A picture of horizontal bars, each group with a scale of its own; readable on light and on dark ground. */
export function barChart(title: string, note: string, groups: readonly Group[]): string {
  let y = TOP;
  const parts = groups.map((group) => {
    const drawn = drawGroup(group, y);
    y += HEAD + group.bars.length * (BAR + GAP) + GAP * 2;
    return drawn;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" width="${WIDTH}" height="${y}" role="img" aria-label="${escaped(title)}">
<style>${STYLE}</style>
<text class="title" x="8" y="22">${escaped(title)}</text>
<text class="note" x="8" y="41">${escaped(note)}</text>
${parts.join('\n')}
</svg>
`;
}

function drawGroup({ title, bars }: Group, top: number): string {
  const most = Math.max(...bars.map(({ value }) => value));
  const room = WIDTH - LABEL - TEXT;
  const lines = bars.map(({ label, value, text, ours }, index) => {
    const y = top + HEAD + index * (BAR + GAP);
    const width = Math.max(1, (value / most) * room).toFixed(1);
    return `<text x="${LABEL - 8}" y="${y + 13}" text-anchor="end">${escaped(label)}</text><rect class="${ours ? 'ours' : 'other'}" x="${LABEL}" y="${y}" width="${width}" height="${BAR}" rx="2"/><text x="${LABEL + Number(width) + 6}" y="${y + 13}">${escaped(text)}</text>`;
  });
  return [`<text class="group" x="8" y="${top + HEAD - 8}">${escaped(title)}</text>`, ...lines].join('\n');
}
