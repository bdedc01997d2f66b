import type { SingleBar } from 'cli-progress';

/**
 * A progress bar on standard error while somebody looks at it.
 * @param format what stands beside `{bar}`, with names of what each update tells
 * @returns null when nobody looks
 */
export async function openBar(format: string): Promise<SingleBar | null> {
  const stream = process.stderr;
  if (!stream.isTTY) return null;
  const { default: cliProgress } = await import('cli-progress');
  return new cliProgress.SingleBar({
    stream,
    format,
    barsize: 24,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    // A kill -9 would leave a hidden cursor hidden, and long lines cut.
    hideCursor: null,
    linewrap: true,
    gracefulExit: false,
    clearOnComplete: true,
  });
}
