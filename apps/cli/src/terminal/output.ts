import { styleText } from 'node:util';
import { cleanDeep, cleanText, toJson } from './text.ts';

type Style = Parameters<typeof styleText>[0];

/** What a text is laid out for. */
export interface RenderTarget {
  /** Width of the terminal; null when nobody looks at one (a pipe, a file): then plain text, without colour or cutting. */
  readonly columns: number | null;
  /** Colours where the reader can see colours and has not said NO_COLOR; otherwise the text as it is. */
  style(style: Style, text: string): string;
}

/** Where a command writes. Everything it says goes through here. */
export interface Output {
  readonly json: boolean;
  /**
   * Says what the desk answered: the answer itself with `--json`, otherwise as `render` lays it out.
   * `render` is given the answer without control characters, so that no text of a ticket can command the terminal.
   */
  answer<T>(answer: T, render: (clean: T, target: RenderTarget) => string): void;
  /** Says a text of our own that must arrive as it is; programs (`--json`) get `answer` instead. */
  text(text: string, answer: unknown): void;
  /** A word to the person beside the answer, on standard error; programs (`--json`) are spared it. */
  note(text: string): void;
}

type Sink = NodeJS.WriteStream;

const renderTargetOf = (stream: Sink): RenderTarget => ({
  columns: stream.isTTY ? stream.columns || 80 : null,
  style: (style, text) => styleText(style, text, { stream }),
});

/** Opens the two streams of a command. */
export function openOutput({ json }: { json: boolean }): Output {
  const { stdout, stderr } = process;
  return {
    json,
    answer(answer, render) {
      const text = json ? toJson(answer) : render(cleanDeep(answer), renderTargetOf(stdout));
      if (text) stdout.write(`${text}\n`);
    },
    text(text, answer) {
      stdout.write(json ? `${toJson(answer)}\n` : text);
    },
    note(text) {
      // What the desk sent may stand in it, too.
      if (!json) stderr.write(`${cleanText(text)}\n`);
    },
  };
}

/**
 * Writes what went wrong: the first line says it, the others help. Programs (`--json`) are given the problem that the desk
 * answered, or what is said as the detail of one.
 */
export function writeError(
  lines: readonly string[],
  { json = false, problem }: { readonly json?: boolean; readonly problem?: object | undefined } = {},
): void {
  const { stderr } = process;
  if (json) return void stderr.write(`${toJson(problem ?? { detail: lines.join('\n') })}\n`);
  const [first = '', ...others] = lines;
  const heading = styleText('red', 'error:', { stream: stderr });
  stderr.write(`${[`${heading} ${first}`, ...others].join('\n')}\n`);
}

/** Whoever reads may have had enough (`| head`): that is no failure. A full disk is. */
export function watchStreams(): void {
  process.stderr.on('error', () => process.exit(1));
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    writeError([`Cannot write the answer: ${error.message}`]);
    process.exit(1);
  });
}
