/** The contract tests with a simulator of 0.33.0. */
import { isReal, played } from './target.js';

played.version = '0.33.0';
if (isReal) test.skip('a real ComfyUI is of one version, and tried once', () => {});
else await import('./contract.test.js');
