/** The command was typed wrongly: exit 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Something that the person at the terminal can read and act upon: exit 1. Its message may have several lines. */
export class Failure extends Error {
  override readonly name = 'Failure';
}

/** The person left a question unanswered (Ctrl-C): exit 130 without a word. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled';
}

/** The values of `process.exitCode`. */
export const exit = { done: 0, failed: 1, usage: 2, cancelled: 130 } as const;
