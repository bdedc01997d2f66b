import { resolve } from 'node:path';
import type { Retry } from '@tocsin/client';
import type { Command } from 'commander';
import { Cancelled } from '../failures.ts';
import { onInterrupt } from '../interrupt.ts';
import type { Shell } from '../shell.ts';
import type { Output } from '../terminal/output.ts';
import { openSourceFile } from './file.ts';
import { drawRejected, drawSummary, openProgress, SHOWN } from './report.ts';
import { emptySummary, type ImportJob, type ImportSummary, runImport } from './run.ts';
import { patience } from './send.ts';
import type { SourceReader } from './source.ts';

/** What `tocsin import` was called with. */
interface ImportCommand {
  readonly shell: Shell;
  readonly command: Command;
  readonly reader: SourceReader;
}

/** Takes one file over, and tells of it: a bar while it runs, a table at the end. */
export async function importFile({ shell, command, reader }: ImportCommand, path: string): Promise<void> {
  const output = shell.output(command);
  const file = await openSourceFile(resolve(shell.environment.workingFolder, path));
  const desk = await shell.connect(command);
  // Says soon what would else be said after many tries: that nobody is there, or that the token is wrong.
  await desk.client.sessions.me.query();
  // An import cannot be taken back, so it says where it goes.
  output.note(`Importing into the desk at ${desk.url}`);
  const summary = emptySummary(reader.system);
  const bar = await openProgress(file);
  // The first Ctrl-C lets the batch under way arrive, so that the count is true.
  const { signal, release } = onInterrupt();
  const onRetry = ({ reason }: Retry) => bar.trouble(`${reason}; trying again …`);
  const { client } = await shell.connectTo(desk, { patience, signal, onRetry });
  const sender = { client, system: reader.system, signal };
  const job: ImportJob = {
    reader,
    file,
    sender,
    summary,
    keptRejections: output.json ? Number.POSITIVE_INFINITY : SHOWN,
    onProgress: () => bar.update(summary),
  };
  try {
    await runImport(job);
  } catch (error) {
    bar.stop();
    if (!signal.aborted && summary.rowsRead > 0) output.note(soFar(summary));
    throw signal.aborted ? stopped(output, summary) : error;
  } finally {
    bar.stop();
    release();
    file.content.destroy();
  }
  if (signal.aborted) throw stopped(output, summary);
  output.answer(summary, drawSummary);
  if (summary.rowsRejected > 0) output.note(drawRejected(summary));
}

const soFar = ({ rowsRead }: ImportSummary): string =>
  `${rowsRead} rows have been dealt with. Run the same command again to go on: nothing goes in twice.`;

function stopped(output: Output, summary: ImportSummary): Cancelled {
  output.note(`Stopped. ${soFar(summary)}`);
  return new Cancelled();
}
