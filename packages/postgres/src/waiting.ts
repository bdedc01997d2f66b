import { setTimeout as pause } from 'node:timers/promises';

/**
 * Asks again and again until there is an answer, for at most `ms`; `undefined` when patience ran out.
 * The question is asked at least once, so that a bound of nothing still sees what is already so.
 */
export async function until<T>(
  ms: number,
  ask: () => Promise<T | undefined>,
  pauseMs = 20,
): Promise<T | undefined> {
  const patience = AbortSignal.timeout(ms);
  for (;;) {
    const answer = await ask();
    if (answer !== undefined || patience.aborted) return answer;
    await pause(pauseMs);
  }
}
