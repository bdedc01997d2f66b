export type { ApiContext, ObservedCall, Observer, RateGrant, RetryKey } from './context.ts';
export { inputSchemaOf, openApiDocument } from './openapi.ts';
export { type PermissionName, permissions } from './permissions.ts';
export { permissionsPage } from './permissions-page.ts';
export {
  DoorError,
  overloaded,
  Problem,
  type ProblemAnswer,
  pointerOf,
  rateLimited,
  stopping,
  toProblem,
  trpcError,
} from './problem.ts';
export { problemsPage } from './problems-page.ts';
export { hasBody, hasVersion, type Operation, operationsOf, type RestMethod, takesVersion } from './rest.ts';
export { type AppRouter, appRouter } from './router.ts';
export { tellTrpc } from './trpc.ts';
