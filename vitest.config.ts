import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{packages,apps}/*/{src,test,migrations}/**/*.test.ts', 'test/**/*.test.ts'],
    globalSetup: 'test/global-setup.ts',
    reporters: ['default', './test/closing-line.ts'],
    // By itself vitest leaves one core to itself, and on two runs one file after the other.
    maxWorkers: '100%',
    // Real databases and real processes take their time on a busy machine; no test is about speed.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // One second, vitest's own, is too little for what a loaded machine is awaited to do.
    expect: { poll: { timeout: 20_000 } },
  },
});
