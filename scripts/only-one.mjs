/** A lock for installing and building in this folder: a second process waits, and then finds the work done. */
import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

const LOCK_CHECK_INTERVAL_MS = 300;

export async function onlyOne(work) {
  const folder = createHash('sha256').update(process.cwd()).digest('hex').slice(0, 12);
  // Not in node_modules, which an installation deletes.
  const lock = join(tmpdir(), `comfygraph-${process.getuid?.() ?? 0}-${folder}.lock`);
  let hasReported = false;
  while (!take(lock)) {
    const holder = holderOf(lock);
    if (holder && !isAlive(holder)) rmSync(lock, { force: true });
    else if (holder && !hasReported) {
      console.log(`Waiting for process ${holder}, which prepares this folder …`);
      hasReported = true;
    }
    await setTimeout(LOCK_CHECK_INTERVAL_MS);
  }
  const release = () => rmSync(lock, { force: true });
  process.once('exit', release);
  await work();
  release();
  process.off('exit', release);
}

function take(lock) {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/** The process id in the lock; 0 while a process takes or releases it. */
function holderOf(lock) {
  try {
    return Number(readFileSync(lock, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return 0;
    throw error;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
