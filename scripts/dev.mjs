/** Compiles on every change and restarts the server. Stops both when either ends, on a signal, or when npm ends. */
import { spawn } from 'node:child_process';
import { onNpmExit } from '../dist/process/npm-parent.js';

const start = (...args) => spawn(process.execPath, args, { stdio: 'inherit' });

const compiler = start('node_modules/typescript/bin/tsc', '-p', '.', '--watch', '--preserveWatchOutput');
const server = start('--enable-source-maps', '--watch-path=dist', '--watch-preserve-output', 'dist/main.js');
// The server shuts down gracefully, and this process waits for it.
const end = () => {
  for (const child of [compiler, server]) child.kill('SIGTERM');
};
for (const child of [compiler, server]) child.once('exit', end);
process.once('SIGINT', end).once('SIGTERM', end);
onNpmExit(process.env, end);
