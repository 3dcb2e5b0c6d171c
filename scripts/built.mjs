/** Checks whether dist matches the sources, by content, so that it detects a switched branch and a lost file. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Contains the digests of the sources and of the build; written last. */
const STAMP = 'dist/.built';
/** A build also depends on the compilers' versions and settings. */
const SETTINGS = ['package-lock.json', 'package.json', 'tsconfig.json'];

export function isBuilt() {
  return existsSync(STAMP) && readFileSync(STAMP, 'utf8') === state();
}

/** Deletes the build, so that no output of a deleted source stays. */
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
