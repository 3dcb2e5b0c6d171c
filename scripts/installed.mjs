/** Checks whether node_modules matches package-lock.json, whichever npm command installed it. */
import { existsSync, readFileSync } from 'node:fs';

/** npm writes this file last: an interrupted installation has none, or an older one. */
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

/** Whether package.json and the lockfile agree. If not, npm reports the difference. */
function isInStep(project) {
  const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
  return ['dependencies', 'devDependencies', 'optionalDependencies'].every(
    (kind) => JSON.stringify(manifest[kind]) === JSON.stringify(project[kind]),
  );
}

/** Whether a package may be missing: it is for another machine, or only such a package needs it. Only npm knows this machine's C library. */
const mayBeMissing = ({ optional, os, cpu, libc }) =>
  optional && (!(os || cpu) || libc || !fits(os, process.platform) || !fits(cpu, process.arch));

/** Whether a list of names allows this one. Names with a `!` are excluded. */
function fits(given, own) {
  const names = given === undefined ? [] : [given].flat();
  const wanted = names.filter((name) => !name.startsWith('!'));
  return !names.includes(`!${own}`) && (wanted.length === 0 || wanted.includes(own));
}
