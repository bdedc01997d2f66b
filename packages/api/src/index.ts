export type { ApiContext } from './context.ts';
export { inputSchemaOf, openApiDocument } from './openapi.ts';
export { DoorError, Problem, type ToldProblem, tell } from './problem.ts';
export { type Operation, operationsOf, type RestMethod } from './rest.ts';
export { type AppRouter, appRouter } from './router.ts';
