interface Word {
  /** Finds the word in a line of code. */
  readonly pattern: RegExp;
  /** What is written instead. */
  readonly instead: string;
}

/** Words that the code had once and must not have again, each with the term of the field. */
export const words: readonly Word[] = [
  { pattern: /\b(MOST|LONGEST|LARGEST|DEEPEST)(_[A-Z_]+)?\b/, instead: 'MAX_…' },
  { pattern: /\b(SHORTEST|FEWEST|LEAST)(_[A-Z_]+)?\b/, instead: 'MIN_…' },
  { pattern: /\bPATIENCE(_MS)?\b/, instead: '…_TIMEOUT_MS, RETRY_…' },
  { pattern: /\bKEPT_MS\b/, instead: '…_TTL_MS' },
  { pattern: /\bCrew|\bcrew\b/, instead: 'WorkerPool' },
  { pattern: /\bRides?\b|\briders?\b/, instead: 'PipelinedBatch' },
  { pattern: /\bcensus\b/, instead: 'countByStatus' },
  { pattern: /\bcarefulHeaders\b/, instead: 'securityHeaders' },
  { pattern: /\bPaper\b|\bpaperOf\b/, instead: 'RenderTarget' },
  { pattern: /\bSight\b|\bsightOf\b/, instead: 'Visibility' },
  { pattern: /\bToldProblem\b/, instead: 'ProblemAnswer' },
  { pattern: /: Who\b|<Who\b|\binterface Who\b/, instead: 'Principal' },
  { pattern: /\binEachOthersWay\b/, instead: 'isSerializationFailure' },
  { pattern: /\bdoor=|\bdoor: '(rest|trpc)'/, instead: 'transport' },
];
