export { ServiceRow, serviceColumns } from './model.ts';
export { serviceRules } from './permissions.ts';
export { findService, get, list, readable } from './read.ts';
export { CreateService, EditService, GetService, ListServices, Service } from './schema.ts';
export { create, edit } from './services.ts';
