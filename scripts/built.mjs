/** Whether dist is what the sources make: compared by contents, so that neither a switched branch nor a lost file goes unnoticed. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Holds the digest of the sources and that of what they became; written last. */
const STAMP = 'dist/.built';
/** What else a build depends on: the compilers' versions and settings. */
const SETTINGS = ['package-lock.json', 'package.json', 'tsconfig.json'];

export function isBuilt() {
  return existsSync(STAMP) && readFileSync(STAMP, 'utf8') === state();
}

/** What a source that is gone had become must not stay. */
export function clearBuild() {
  rmSync('dist', { recursive: true, force: true });
}

export function markBuilt() {
  mkdirSync('dist', { recursive: true });
  writeFileSync(STAMP, state());
}

function state() {
  const made = filesBelow('dist').filter((file) => file !== join(STAMP));
  return `${digest([...SETTINGS, ...filesBelow('src')])}\n${digest(made)}\n`;
}

function digest(files) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(`\0${file}\0`).update(readFileSync(file));
  return hash.digest('hex');
}

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}
