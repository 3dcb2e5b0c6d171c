/** Builds the pages into dist/web. What serves them, and the headers they need, is the server's. */
import { defineConfig } from 'vite';

/** Monaco, the editor inside GraphiQL, is one chunk of this size; splitting it would load the same bytes. */
const LARGEST_CHUNK_KB = 4_000;

export default defineConfig({
  root: import.meta.dirname,
  base: '/graphiql/',
  // Scripts find each other wherever a proxy publishes them; the address in the page is the server's to adapt.
  experimental: { renderBuiltUrl: (_, { hostType }) => (hostType === 'html' ? undefined : { relative: true }) },
  logLevel: 'warn',
  build: {
    outDir: '../../dist/web',
    emptyOutDir: true,
    reportCompressedSize: false,
    chunkSizeWarningLimit: LARGEST_CHUNK_KB,
    rolldownOptions: {
      input: ['graphiql.html'],
      onwarn(warning, warn) {
        // GraphiQL's files open with "use no memo", a word to React's compiler that means nothing after it has run.
        if (warning.code !== 'MODULE_LEVEL_DIRECTIVE') warn(warning);
      },
    },
  },
});
