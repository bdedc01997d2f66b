/** The only line that knows the API. The tarball has in its place what `scripts/contract.ts` writes. */
export type { AppRouter } from '@tocsin/api';
