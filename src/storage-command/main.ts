/** `npm run storage`. */
import { runStorage } from './command-line.js';

process.exitCode = await runStorage(process.argv.slice(2), {
  env: process.env,
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
});
