import { defineConfig } from 'vitest/config';

// One project per kind of test; scripts/test.ts runs them in this order. Time limits bound a hang, they measure nothing.
export default defineConfig({
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  test: {
    // Of a run that nobody watched the error's own words are often all there is.
    chaiConfig: { truncateThreshold: 2000 },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['tests/unit/**/*.test.{ts,tsx}'],
          setupFiles: ['tests/support/english.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // A fifth of the time was two hundred files loading the same modules: they share them, and each puts back what it changes.
          isolate: false,
          // vitest itself leaves a core free: of two, half.
          maxWorkers: '100%',
        },
      },
      { extends: true, test: { name: 'contract', include: ['tests/contract/**/*.test.ts'], testTimeout: 30_000 } },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['tests/integration/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          // Relays are real processes, which wait as much as they work: two files at once are what two cores carry.
          maxWorkers: 2,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['tests/e2e/**/*.test.ts'],
          // Files share a network where they break nothing of it: tests/support/devnet.ts.
          isolate: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // Two networks and two browsers at once are what two cores carry: half of their time is waiting.
          maxWorkers: 2,
        },
      },
      {
        // Every view in one Chromium: pictures against their baselines, and axe.
        extends: true,
        test: {
          name: 'screens',
          include: ['tests/screens/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // One gallery after another, with as many pages at once as keep two cores busy.
          fileParallelism: false,
          maxConcurrency: 3,
        },
      },
      {
        // What `npm test` has a shorter form of: `npm run test:long`.
        extends: true,
        test: {
          name: 'long',
          include: ['tests/long/**/*.test.ts'],
          testTimeout: 240_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        // Only inside of the namespaces that scripts/leak.ts makes.
        extends: true,
        test: {
          name: 'leak',
          include: ['tests/leak/**/*.test.ts'],
          testTimeout: 600_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
