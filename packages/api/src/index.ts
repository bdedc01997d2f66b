export type { ApiContext } from './context.ts';
export { inputSchemaOf, openApiDocument } from './openapi.ts';
export { DoorError, Problem, pointerOf, stopping, type ToldProblem, tell, trpcError } from './problem.ts';
export { type Operation, operationsOf, type RestMethod } from './rest.ts';
export { type AppRouter, appRouter } from './router.ts';
export { tellTrpc } from './trpc.ts';
