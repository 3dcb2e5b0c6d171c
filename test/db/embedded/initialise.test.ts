/** Incomplete data folders of PostgreSQL are removed at a start, and never stop it. */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeIncomplete } from '../../../src/db/embedded/initialise.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'comfygraph-initialise-'));
});
afterEach(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));

const homeIn = (folder: string) => ({ folder, data: join(folder, 'data') });

test('an incomplete folder is removed, and the complete one stays', async () => {
  await mkdir(join(folder, 'data'));
  await mkdir(join(folder, 'data.half', 'base'), { recursive: true });
  await removeIncomplete(homeIn(folder));
  expect(existsSync(join(folder, 'data'))).toBe(true);
  expect(existsSync(join(folder, 'data.half'))).toBe(false);
});

test('an incomplete folder that another server still fills does not stop the start', async () => {
  const base = join(folder, 'data.half', 'base');
  let isFilling = true;
  const filling = (async () => {
    for (let nth = 0; isFilling; nth += 1) {
      await mkdir(base, { recursive: true }).catch(() => {});
      await Promise.all([1, 2, 3, 4].map((each) => writeFile(join(base, `${nth}-${each}`), '').catch(() => {})));
    }
  })();
  for (let nth = 0; nth < 50; nth += 1) await removeIncomplete(homeIn(folder));
  isFilling = false;
  await filling;
});
