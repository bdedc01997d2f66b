import { writeFileSync } from 'node:fs';
import { openApiDocument, permissionsPage, problemsPage } from '@tocsin/api';
import { version } from '../apps/server/src/version.ts';

/** `pnpm generate`: writes what is committed but made from the code. The tests say when it is stale. */
const pages = {
  'openapi.json': `${JSON.stringify(openApiDocument(version), null, 2)}\n`,
  'permissions.md': permissionsPage(),
  'problems.md': problemsPage(),
};
for (const [name, text] of Object.entries(pages))
  writeFileSync(new URL(`../docs/${name}`, import.meta.url), text);
