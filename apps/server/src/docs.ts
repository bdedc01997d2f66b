import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import fastifyStatic from '@fastify/static';
import { openApiDocument } from '@tocsin/api';
import type { FastifyInstance } from 'fastify';

const assets = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Tocsin API</title>
    <link rel="icon" href="docs/favicon-32x32.png">
    <link rel="stylesheet" href="docs/swagger-ui.css">
  </head>
  <body>
    <div id="swagger-ui"></div>
    <script src="docs/swagger-ui-bundle.js"></script>
    <script src="docs/start.js"></script>
  </body>
</html>
`;

const start = `SwaggerUIBundle({
  url: 'openapi.json', dom_id: '#swagger-ui', deepLinking: true, persistAuthorization: true,
  displayRequestDuration: true, tryItOutEnabled: true, validatorUrl: null,
});
`;

/** The OpenAPI document, and Swagger UI on it; everything comes from this process, nothing from a CDN. */
export function registerDocs(app: FastifyInstance, version: string): void {
  const document = JSON.stringify(openApiDocument(version));
  const config = { open: true };
  app.get('/openapi.json', { config }, (_request, reply) => reply.type('application/json').send(document));
  app.get('/docs', { config }, (_request, reply) => reply.type('text/html; charset=utf-8').send(page));
  app.get('/docs/start.js', { config }, (_request, reply) => reply.type('text/javascript').send(start));
  app.register(async (scope) => {
    scope.addHook('onRoute', (route) => {
      route.config = { ...route.config, open: true };
    });
    await scope.register(fastifyStatic, { root: assets, prefix: '/docs/', index: false, wildcard: false });
  });
}
