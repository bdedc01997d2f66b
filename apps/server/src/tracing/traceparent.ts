/** What a caller says of the trace that a request belongs to (W3C Trace Context). */
export interface TraceParent {
  readonly traceId: string;
  readonly spanId: string;
  /** 1: the caller records this trace. */
  readonly traceFlags: number;
}

const TRACEPARENT = /^(?!ff)[\da-f]{2}-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-([\da-f]{2})(-.*)?$/;

/** Reads a `traceparent`; null when there is none, or one that is not as it must be: then the trace begins here. */
export function readTraceParent(header: string | string[] | undefined): TraceParent | null {
  if (typeof header !== 'string' || header.length > 256) return null;
  const [match, traceId, spanId, flags, more] = TRACEPARENT.exec(header) ?? [];
  if (match === undefined || traceId === undefined || spanId === undefined) return null;
  // The version that is known has nothing more; a later one may.
  if (more !== undefined && header.startsWith('00')) return null;
  return { traceId, spanId, traceFlags: Number.parseInt(flags ?? '0', 16) & 1 };
}
