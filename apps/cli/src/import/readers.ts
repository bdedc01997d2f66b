import { servicenow } from './servicenow.ts';
import type { SourceReader } from './source.ts';

/** Every system whose history can be taken over. */
export const readers: readonly SourceReader[] = [servicenow];
