/** What clients and servers of a desk agree on. Depends on no database and no HTTP server, and runs in a browser. */

export { type ProblemKind, problemKinds } from './problem-kinds.ts';
export { type ProblemCode, type ProblemCodeOf, type ProblemDescription, problems } from './problems.ts';
