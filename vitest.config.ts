import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{packages,apps}/*/{src,test,migrations}/**/*.test.ts', 'test/**/*.test.ts'],
    globalSetup: 'test/global-setup.ts',
    reporters: ['default', './test/closing-line.ts'],
    // Real databases and real processes take their time on a busy machine; no test is about speed.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
