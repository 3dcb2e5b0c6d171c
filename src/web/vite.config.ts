/** Builds the pages into dist/web. The server serves them and sets their headers. */
import { defineConfig } from 'vite';

/** Monaco, the editor inside GraphiQL, is one chunk of this size; splitting it would load the same bytes. */
const LARGEST_CHUNK_KB = 4_000;

export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  // Scripts import each other by relative URLs, for proxies with a path. The server adapts the URLs in the page.
  experimental: { renderBuiltUrl: (_, { hostType }) => (hostType === 'html' ? undefined : { relative: true }) },
  logLevel: 'warn',
  build: {
    outDir: '../../dist/web',
    emptyOutDir: true,
    reportCompressedSize: false,
    chunkSizeWarningLimit: LARGEST_CHUNK_KB,
    rolldownOptions: {
      input: ['index.html', 'graphiql.html'],
      onwarn(warning, warn) {
        // GraphiQL's files begin with "use no memo", a directive of React's compiler that has no effect in its output.
        if (warning.code !== 'MODULE_LEVEL_DIRECTIVE') warn(warning);
      },
    },
  },
});
