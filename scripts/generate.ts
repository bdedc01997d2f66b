import { writeFileSync } from 'node:fs';
import { openApiDocument } from '@tocsin/api';
import { version } from '../apps/server/src/version.ts';

/** `pnpm generate`: writes what is committed but made from the code. The tests say when it is stale. */
writeFileSync(
  new URL('../docs/openapi.json', import.meta.url),
  `${JSON.stringify(openApiDocument(version), null, 2)}\n`,
);
