/** What an incident desk knows and allows. One namespace a feature; what every feature stands on lies flat. */

export * as access from './access/index.ts';
export * as analytics from './analytics/index.ts';
export * as audit from './audit/index.ts';
export * as backup from './backup/index.ts';
export * from './core/index.ts';
export * as guards from './guards.ts';
export * as identity from './identity/index.ts';
export * as imports from './imports/index.ts';
export * as people from './people.ts';
export { abilityOf, listPermissions, Permissions } from './permissions.ts';
export * as restores from './restores.ts';
export * as search from './search/index.ts';
export * as services from './services/index.ts';
export * as tickets from './tickets/index.ts';
export * as views from './views/index.ts';
