/** Whether node_modules is what package-lock.json says, by whichever npm command it became so. */
import { existsSync, readFileSync } from 'node:fs';

/** npm writes it last: an installation that was cut off has none, or an older one. */
const INSTALLED = 'node_modules/.package-lock.json';

export function isInstalled() {
  if (!existsSync(INSTALLED)) return false;
  const { '': project, ...wanted } = packagesIn('package-lock.json');
  const found = packagesIn(INSTALLED);
  return (
    isInStep(project) &&
    Object.entries(wanted).every(([path, entry]) =>
      found[path]
        ? found[path].version === entry.version &&
          found[path].integrity === entry.integrity &&
          existsSync(`${path}/package.json`)
        : mayBeMissing(entry),
    )
  );
}

const packagesIn = (lockfile) => JSON.parse(readFileSync(lockfile, 'utf8')).packages;

/** Otherwise npm is to say what is wrong. */
function isInStep(project) {
  const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
  return ['dependencies', 'devDependencies', 'optionalDependencies'].every(
    (kind) => JSON.stringify(manifest[kind]) === JSON.stringify(project[kind]),
  );
}

/** What is made for other machines, and what only that needs. Which C library this one has is npm's to know. */
const mayBeMissing = ({ optional, os, cpu, libc }) =>
  optional && (!(os || cpu) || libc || !fits(os, process.platform) || !fits(cpu, process.arch));

/** One name or several, of which those with a `!` are left out. */
function fits(given, own) {
  const names = given === undefined ? [] : [given].flat();
  const wanted = names.filter((name) => !name.startsWith('!'));
  return !names.includes(`!${own}`) && (wanted.length === 0 || wanted.includes(own));
}
