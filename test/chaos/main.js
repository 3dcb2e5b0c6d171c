/** `npm run chaos` */
import { runCommand } from './command.js';
import { readOptions } from './options.js';
import { runChaos } from './run.js';
import { describe } from './table.js';

await runCommand({ readOptions, run: runChaos, describe });
