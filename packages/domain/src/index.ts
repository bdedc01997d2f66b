/** What an incident desk knows and allows. One namespace a feature; what every feature stands on lies flat. */
export * from './core/index.ts';
export * as identity from './identity/index.ts';
export * as imports from './imports/index.ts';
export * as tickets from './tickets/index.ts';
