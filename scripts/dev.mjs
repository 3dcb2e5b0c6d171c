/** Compiles on every change, and starts the server again. */
import { spawn } from 'node:child_process';

const start = (...args) => spawn(process.execPath, args, { stdio: 'inherit' });

const compiler = start('node_modules/typescript/bin/tsc', '-p', '.', '--watch', '--preserveWatchOutput');
const server = start('--enable-source-maps', '--watch-path=dist', '--watch-preserve-output', 'dist/main.js');
for (const child of [compiler, server]) {
  child.once('exit', () => {
    compiler.kill();
    server.kill();
  });
}
