export { append } from './append.ts';
export { importRules } from './permissions.ts';
export { AppendedImport, AppendImport } from './schema.ts';
