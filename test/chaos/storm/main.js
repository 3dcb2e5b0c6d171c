/** `npm run storm` */
import { runCommand } from '../command.js';
import { readOptions } from './options.js';
import { describe } from './report.js';
import { runStorm } from './storm.js';

await runCommand({ readOptions, run: runStorm, describe });
