import type { BackupProgress } from '@tocsin/server/desk';
import { openBar } from '../terminal/bar.ts';
import { cleanLine } from '../terminal/text.ts';

/** How a backup or a restore shows itself while it runs. */
export interface ProgressLine {
  readonly update: (progress: BackupProgress) => void;
  stop(): void;
}

const silent: ProgressLine = { update: () => {}, stop: () => {} };

/** Bytes as people read them. */
export const readableSize = (bytes: number): string =>
  bytes < 1e6
    ? `${Math.ceil(bytes / 1e3)} kB`
    : `${(bytes / 1e6).toLocaleString('en', { maximumFractionDigits: 1 })} MB`;

/** A bar on standard error while somebody looks at it; nothing otherwise. */
export async function openProgressLine(): Promise<ProgressLine> {
  const bar = await openBar('{bar} {percentage}%  {size}  {word}');
  if (!bar) return silent;
  bar.start(1, 0, { size: readableSize(0), word: '' });
  return {
    update({ word, bytes, total }) {
      // What tables take on the disk is a guess at what they are as text.
      bar.setTotal(Math.max(total, bytes, 1));
      bar.update(bytes, { size: readableSize(bytes), word: cleanLine(word) });
    },
    stop: () => bar.stop(),
  };
}
