import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'quick',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.exhaustive.test.ts'],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'exhaustive',
          include: ['test/**/*.exhaustive.test.ts'],
          testTimeout: 900_000,
        },
      },
    ],
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts', 'reconcilers/**/*.ts'],
      reporter: ['text-summary', 'json-summary', 'html'],
      thresholds: {
        'src/{core,config,desired,plan}/**': { branches: 95 },
      },
    },
  },
});
