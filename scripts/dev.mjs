/** Compiles on every change, and starts the server again. Ends both by whatever ends it. */
import { spawn } from 'node:child_process';

const start = (...args) => spawn(process.execPath, args, { stdio: 'inherit' });

const compiler = start('node_modules/typescript/bin/tsc', '-p', '.', '--watch', '--preserveWatchOutput');
const server = start('--enable-source-maps', '--watch-path=dist', '--watch-preserve-output', 'dist/main.js');
const end = () => {
  // The server closes what it has opened; a second signal would not hurry it.
  for (const child of [compiler, server]) child.kill('SIGTERM');
};
for (const child of [compiler, server]) child.once('exit', end);
process.once('SIGINT', end).once('SIGTERM', end);
