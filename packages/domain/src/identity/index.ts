export { type Authenticate, administrator, bootstrapAuthenticator } from './administrator.ts';
export { me } from './me.ts';
export { ActorView, Me } from './schema.ts';
