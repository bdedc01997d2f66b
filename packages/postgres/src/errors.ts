/** The code that Node (`code`), SQLite (`errcode`) or PostgreSQL (`code`) put on an error, if any. */
export function errorCode(error: unknown, field: 'code' | 'errcode' = 'code'): unknown {
  return error instanceof Error ? (error as Error & { code?: unknown; errcode?: unknown })[field] : undefined;
}

/** What an error says, without its stack. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
