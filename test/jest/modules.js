/**
 * Resolves the imports of tests (`node --import`). Node runs their TypeScript, and `./x.js` resolves to `./x.ts`, as in the compiler. Imports
 * of src come from dist: the tests run the shipped code, and nothing is compiled twice.
 */
// Before any decorated class, whichever file a worker runs first.
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
    // The globals of the running test file: see runtime.js.
    if (specifier === '@jest/globals') return found(`${ROOT}test/jest/globals.js`);
    // Its ES modules import folders, which Node does not support.
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
