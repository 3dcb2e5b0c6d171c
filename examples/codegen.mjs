/** For `graphql-codegen --config codegen.mjs`: the TypeScript types of the API's scalars. */
export default {
  schema: 'http://127.0.0.1:4000/graphql',
  generates: {
    'api.ts': {
      plugins: ['typescript'],
      config: {
        strictScalars: true,
        scalars: {
          // RFC 3339 in UTC, such as 2026-11-23T18:00:00.000Z: `new Date(value)` parses it.
          DateTime: 'string',
          // Up to 2^64-1, more than a JavaScript number can hold: a decimal string. Inputs accept numbers up to 2^53-1 as well.
          Seed: { input: 'string | number', output: 'string' },
          JSON: 'unknown',
        },
      },
    },
  },
};
