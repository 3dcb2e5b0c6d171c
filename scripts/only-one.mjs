/** Two that install or build in this folder at once would spoil it for both: the second waits, and finds it done. */
import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

const LOOK_EVERY_MS = 300;

export async function onlyOne(work) {
  const folder = createHash('sha256').update(process.cwd()).digest('hex').slice(0, 12);
  // Not in the folder itself: all of node_modules goes away while it is installed.
  const lock = join(tmpdir(), `comfygraph-${process.getuid?.() ?? 0}-${folder}.lock`);
  let hasSaid = false;
  while (!take(lock)) {
    const holder = holderOf(lock);
    if (holder && !isAlive(holder)) rmSync(lock, { force: true });
    else if (holder && !hasSaid) {
      console.log(`Waiting for process ${holder}, which prepares this folder …`);
      hasSaid = true;
    }
    await setTimeout(LOOK_EVERY_MS);
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

/** 0 while it is just being taken or released. */
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
