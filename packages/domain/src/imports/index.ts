export { append } from './append.ts';
export { AppendedImport, AppendImport } from './schema.ts';
