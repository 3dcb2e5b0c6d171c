/** For `graphql-codegen --config codegen.mjs`: what the scalars of the API are in TypeScript. */
export default {
  schema: 'http://127.0.0.1:4000/graphql',
  generates: {
    'api.ts': {
      plugins: ['typescript'],
      config: {
        strictScalars: true,
        scalars: {
          // RFC 3339 in UTC, such as 2026-11-23T18:00:00.000Z: `new Date(value)` reads it.
          DateTime: 'string',
          // Up to 2^64-1, which no number of JavaScript holds: a decimal string. Numbers up to 2^53-1 are taken, too.
          Seed: { input: 'string | number', output: 'string' },
          JSON: 'unknown',
        },
      },
    },
  },
};
