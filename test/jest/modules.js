/**
 * Resolves what tests import (`node --import`). Node runs their TypeScript by itself, and finds `./x.ts` here where `./x.js` is imported, as
 * the compiler does. What they import of src comes from dist: the tests run what is shipped, and nothing is compiled a second time.
 */
// Before all that is decorated, whichever file a worker begins with.
import 'reflect-metadata';
import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

const ROOT = new URL('../../', import.meta.url).href;
const APOLLO_SUITE = '/@apollo/server-integration-testsuite/dist/';
const FOLDER = /^@apollo\/client\/link\/[a-z-]+$/;
const RELATIVE = /^\.{1,2}\/.*\.js$/;

registerHooks({
  resolve(specifier, context, next) {
    // Its globals are of the test file that runs: see runtime.js.
    if (specifier === '@jest/globals') return found(`${ROOT}test/jest/globals.js`);
    // Its ES modules import folders, which Node does not.
    if (context.parentURL?.includes(APOLLO_SUITE) && FOLDER.test(specifier))
      return next(`${specifier}/index.js`, context);
    if (!RELATIVE.test(specifier) || !context.parentURL?.startsWith(`${ROOT}test/`)) return next(specifier, context);
    const url = new URL(specifier, context.parentURL).href;
    if (url.startsWith(`${ROOT}src/`)) return found(url.replace(`${ROOT}src/`, `${ROOT}dist/`));
    const source = url.replace(/\.js$/, '.ts');
    return found(existsSync(fileURLToPath(source)) ? source : url);
  },
});

function found(url) {
  return { url, shortCircuit: true };
}
