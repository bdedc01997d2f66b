const last = new Map<string, Promise<unknown>>();

/**
 * Does work of one kind one after the other within this process, for work that would wait for a lock of the database
 * anyway: waiting here holds none of the connections that all others need.
 */
export async function inTurn<T>(kind: string, work: () => Promise<T>): Promise<T> {
  const turn = (last.get(kind) ?? Promise.resolve()).then(
    () => work(),
    () => work(),
  );
  last.set(kind, turn);
  try {
    return await turn;
  } finally {
    if (last.get(kind) === turn) last.delete(kind);
  }
}
