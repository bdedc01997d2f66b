import { Cancelled } from '../failures.ts';

/** Questions go to standard error: standard output is the answer's, and may be a file. */
const output = process.stderr;

/** True when there is a person to ask. */
export const canAsk = (): boolean => process.stdin.isTTY === true && process.stderr.isTTY === true;

/** Few commands ask anything; the others need not load this. */
const clack = () => import('@clack/prompts');

/** A question that is cancelled is answered with a symbol. */
function answered<T>(answer: T): Exclude<T, symbol> {
  if (typeof answer === 'symbol') throw new Cancelled();
  return answer as Exclude<T, symbol>;
}

interface Question {
  readonly message: string;
  /** What stands there already, to be taken or changed. */
  readonly proposal?: string;
  readonly optional?: boolean;
}

/** Asks for a line. @throws Cancelled */
export async function askLine({ message, proposal, optional = false }: Question): Promise<string> {
  const { text } = await clack();
  const answer = await text({
    message,
    output,
    ...(proposal ? { initialValue: proposal } : {}),
    validate: (value) => (optional || value?.trim() ? undefined : 'Something must stand here'),
  });
  // An empty line comes as undefined.
  return (answered(answer) ?? '').trim();
}

/** Asks for something that must not be seen, and gives it as it was typed: spaces may belong to it. @throws Cancelled */
export async function askSecret(message: string): Promise<string> {
  const { password } = await clack();
  const answer = await password({
    message,
    output,
    validate: (value) => (value?.trim() ? undefined : 'Something must stand here'),
  });
  return answered(answer);
}

/** Asks for one of several values. @throws Cancelled */
export async function askChoice<T extends string>(message: string, choices: readonly T[]): Promise<T> {
  const { select } = await clack();
  return answered(
    await select<string>({
      message,
      output,
      options: choices.map((value) => ({ value, label: value })),
    }),
  ) as T;
}

/** Asks whether to go on; no is what stands there. @throws Cancelled */
export async function askWhether(message: string): Promise<boolean> {
  const { confirm } = await clack();
  return answered(await confirm({ message, output, initialValue: false }));
}

/** All of standard input as text. */
export async function readStandardInput(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}
