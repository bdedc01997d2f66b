import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import type { Retry } from '@tocsin/client';
import type { Command } from 'commander';
import { Cancelled, Failure } from '../failures.ts';
import { onInterrupt } from '../interrupt.ts';
import type { Desk, Shell } from '../shell.ts';
import type { Output } from '../terminal/output.ts';
import { decode } from './encoding.ts';
import { openFile } from './file.ts';
import { drawRemarks, drawSummary, openProgress, SHOWN } from './report.ts';
import { emptySummary, type ImportSummary, runImport } from './run.ts';
import { patience, type Sender } from './send.ts';
import type { DateOrder, Reading, SourceReader } from './source.ts';

/** The options of `tocsin import …`, as commander reads them. */
export interface ImportOptions {
  readonly encoding?: string;
  readonly dates?: DateOrder;
  readonly timeZone?: string;
  readonly sourceName?: string;
  readonly overwrite?: boolean;
  readonly dryRun?: boolean;
}

/** What `tocsin import` was called with. */
interface ImportCommand {
  readonly shell: Shell;
  readonly command: Command;
  readonly reader: SourceReader;
  readonly options: ImportOptions;
}

/** Takes one file over, and tells of it: a bar while it runs, a table at the end. Nothing is sent before all of it is read. */
export async function importFile(
  { shell, command, reader, options }: ImportCommand,
  path: string,
): Promise<void> {
  const output = shell.output(command);
  const { dryRun = false, sourceName: system = reader.system } = options;
  const file = await openFile(path === '-' ? path : resolve(shell.environment.workingFolder, path));
  const desk = await shell.connect(command);
  // Says soon what would else be said after many tries: that nobody is there, or that the token is wrong.
  await desk.client.sessions.me.query();
  const text = await decode({ ...file, encoding: options.encoding ?? null });
  try {
    const { dates = null, timeZone = null } = options;
    const reading = await reader.open({ path: file.path, text }, { dates, timeZone, grouped: dryRun });
    // An import cannot be taken back, so it says where it goes.
    output.note(
      dryRun
        ? `Asking the desk at ${desk.url} what would become of the file; nothing is written`
        : `Importing into the desk at ${desk.url}`,
    );
    const summary = emptySummary(system, dryRun);
    await send({ shell, output, desk, reading, summary, options });
    output.answer(summary, drawSummary);
    for (const remark of drawRemarks(summary)) output.note(remark);
    if (summary.rowsRead > 0 && summary.rowsRejected === summary.rowsRead)
      throw new Failure('No row could be taken over.');
  } finally {
    text.close();
  }
}

interface Sending {
  readonly shell: Shell;
  readonly output: Output;
  readonly desk: Desk;
  readonly reading: Reading;
  readonly summary: ImportSummary;
  readonly options: ImportOptions;
}

async function send({ shell, output, desk, reading, summary, options }: Sending): Promise<void> {
  const bar = await openProgress(reading.rows);
  // The first Ctrl-C lets the batch under way arrive, so that the count is true.
  const { signal, release } = onInterrupt();
  const onRetry = ({ reason }: Retry) => bar.trouble(`${reason}; trying again …`);
  const { client } = await shell.connectTo(desk, { patience, signal, onRetry });
  const { system, dryRun } = summary;
  const sender: Sender = {
    client,
    system,
    dryRun,
    overwrite: options.overwrite ?? false,
    run: randomUUID(),
    signal,
  };
  const keptRejections = output.json ? Number.POSITIVE_INFINITY : SHOWN;
  try {
    await runImport({ reading, sender, summary, keptRejections, onProgress: () => bar.update(summary) });
  } catch (error) {
    bar.stop();
    if (!signal.aborted && summary.rowsRead > 0) output.note(soFar(summary));
    throw signal.aborted ? stopped(output, summary) : error;
  } finally {
    bar.stop();
    release();
  }
  if (signal.aborted) throw stopped(output, summary);
}

const soFar = ({ rowsRead }: ImportSummary): string =>
  `${rowsRead} rows have been dealt with. Run the same command again to go on: nothing goes in twice.`;

function stopped(output: Output, summary: ImportSummary): Cancelled {
  output.note(`Stopped. ${soFar(summary)}`);
  return new Cancelled();
}
