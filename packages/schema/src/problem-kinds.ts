interface StatusOfKind {
  /** The HTTP status. */
  readonly status: number;
  /** The name of the status, as RFC 9110 and RFC 6585 have it. */
  readonly title: string;
}

/** What went wrong, as far as the caller is concerned, and the HTTP status that says so. */
export const problemKinds = {
  malformed: { status: 400, title: 'Bad Request' },
  unauthenticated: { status: 401, title: 'Unauthorized' },
  forbidden: { status: 403, title: 'Forbidden' },
  not_found: { status: 404, title: 'Not Found' },
  method: { status: 405, title: 'Method Not Allowed' },
  unacceptable: { status: 406, title: 'Not Acceptable' },
  too_slow: { status: 408, title: 'Request Timeout' },
  conflict: { status: 409, title: 'Conflict' },
  outdated: { status: 412, title: 'Precondition Failed' },
  too_large: { status: 413, title: 'Content Too Large' },
  too_long: { status: 414, title: 'URI Too Long' },
  media_type: { status: 415, title: 'Unsupported Media Type' },
  expectation: { status: 417, title: 'Expectation Failed' },
  invalid: { status: 422, title: 'Unprocessable Content' },
  limited: { status: 429, title: 'Too Many Requests' },
  headers_too_large: { status: 431, title: 'Request Header Fields Too Large' },
  internal: { status: 500, title: 'Internal Server Error' },
  unavailable: { status: 503, title: 'Service Unavailable' },
} as const satisfies Record<string, StatusOfKind>;

export type ProblemKind = keyof typeof problemKinds;
