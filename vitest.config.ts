import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { alias: { 'baremetal-lab': new URL('./src/scenarios/api.ts', import.meta.url).pathname } },
  test: {
    include: ['test/**/*.test.ts'],
    // Most tests wait for other programs: more of them at once than there are cores.
    maxWorkers: 3,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
