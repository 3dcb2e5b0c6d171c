/** `npm run test:fast` leaves out the files that say that they are slow. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import packageJson from '../../package.json' with { type: 'json' };

const run = promisify(execFile);

/** The files that a script of package.json would run. */
async function filesOf(script: 'test' | 'test:fast'): Promise<string[]> {
  const [, ...args] = packageJson.scripts[script].split(' ');
  const { stdout } = await run(process.execPath, [...args, '--listTests', '--json']);
  return JSON.parse(stdout.split('\n').find((line) => line.startsWith('[')) ?? '[]');
}

test('the fast lane is most of the files, without the slow ones', async () => {
  const [all, fast] = await Promise.all([filesOf('test'), filesOf('test:fast')]);
  expect(all).toEqual(expect.arrayContaining(fast));
  expect(fast.length).toBeGreaterThan(all.length / 2);
  expect(fast.some((file) => file.endsWith('/house/fast-lane.test.ts'))).toBe(true);
  expect(fast.some((file) => file.endsWith('/process/kill-9.test.ts'))).toBe(false);
});
