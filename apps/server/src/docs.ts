import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { openApiDocument } from '@tocsin/api';
import type { FastifyInstance } from 'fastify';
import { docsPolicy } from './headers.ts';

const folder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

/** What the page needs of Swagger UI, and nothing else of it: its own start page would look at another API. */
const assets = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
};

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
  const serve = (url: string, type: string, content: string | Buffer): void => {
    app.get(url, { config: { open: true } }, (_request, reply) =>
      reply
        .type(type)
        .headers({ 'Content-Security-Policy': docsPolicy, 'Cache-Control': 'no-cache' })
        .send(content),
    );
  };
  serve('/openapi.json', 'application/json', JSON.stringify(openApiDocument(version)));
  serve('/docs', 'text/html; charset=utf-8', page);
  // The page's addresses are relative to the one without a slash, so that a proxy may put all of it below a path.
  // Whoever opens the desk's address in a browser is looking for something to read.
  app.get('/', { config: { open: true } }, (_request, reply) => reply.redirect('docs'));
  app.get('/docs/', { config: { open: true } }, (_request, reply) => reply.redirect('../docs'));
  serve('/docs/start.js', 'text/javascript; charset=utf-8', start);
  for (const [file, type] of Object.entries(assets))
    serve(`/docs/${file}`, type, readFileSync(join(folder, file)));
}
