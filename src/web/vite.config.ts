/** Builds the pages into dist/web. The server serves them and sets their headers. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

/** Monaco, the editor inside GraphiQL, is one chunk of this size; splitting it would load the same bytes. */
const LARGEST_CHUNK_KB = 4_000;

/** Writes `name.gz` beside each script and style, for the server to send: not all servers have a proxy that compresses. */
const compressed: Plugin = {
  name: 'compressed',
  async writeBundle({ dir = '' }, bundle) {
    const names = Object.keys(bundle).filter((name) => /\.(js|css)$/.test(name));
    const compress = async (path: string) =>
      writeFile(`${path}.gz`, await promisify(gzip)(await readFile(path), { level: 9 }));
    await Promise.all(names.map((name) => compress(join(dir, name))));
  },
};

export default defineConfig({
  plugins: [compressed],
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
