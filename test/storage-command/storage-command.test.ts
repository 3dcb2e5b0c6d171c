/**
 * `npm run storage`: files move between the disk and an object store.
 *
 * @slow: starts two servers.
 */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { diskStorage } from '../../src/storage/open-storage.js';
import { readBytes, type Storage } from '../../src/storage/storage.js';
import { runStorage } from '../../src/storage-command/command-line.js';
import { becomes, create } from '../generations/support.js';
import { contentKey } from '../storage/keys.js';
import { startTestApp } from '../support/app.js';
import { signUp } from '../support/client.js';
import { type S3Server, startS3 } from '../support/s3/server.js';

let dataDir: string;
let disk: Storage;
let s3: S3Server;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'comfygraph-copy-'));
  disk = diskStorage({ dataDir });
  await disk.open();
  s3 = await startS3();
});
afterEach(async () => {
  await s3.close();
  await rm(dataDir, { recursive: true, force: true });
});

async function run(env: Record<string, string>, ...values: string[]): Promise<{ code: number; logs: string }> {
  let logs = '';
  const write = (text: string) => {
    logs += text;
  };
  return { code: await runStorage(values, { env, out: write, err: write }), logs };
}
const copy = (from: string, to: string) => run({ DATA_DIR: dataDir, ...s3.env }, 'copy', from, to);

async function save(text: string): Promise<string> {
  const key = contentKey(randomUUID(), Buffer.from(text), 'png');
  await disk.save(key, Buffer.from(text));
  return key;
}

test('all files are copied to S3, and copied back', async () => {
  const keys = await Promise.all(Array.from({ length: 30 }, (_, index) => save(`picture ${index}`)));
  expect(await copy('disk', 's3')).toEqual({
    code: 0,
    logs: `Copying from ${dataDir} to the bucket pictures\n30 files copied (0.0 MB), 0 were there already\n`,
  });
  expect([...s3.bucket.objects.keys()].toSorted()).toEqual(keys.toSorted());
  const other = await mkdtemp(join(tmpdir(), 'comfygraph-copy-'));
  expect((await run({ DATA_DIR: other, ...s3.env }, 'copy', 's3', 'disk')).logs).toContain('30 files copied');
  expect(await readBytes(diskStorage({ dataDir: other }), String(keys[29]))).toEqual(Buffer.from('picture 29'));
  await rm(other, { recursive: true });
});

test('a second run copies only what is missing or has another size', async () => {
  const [first, second] = [await save('first'), await save('second')];
  await copy('disk', 's3');
  s3.bucket.objects.delete(first);
  s3.bucket.put(second, Buffer.from('sec'));
  await save('third');
  expect((await copy('disk', 's3')).logs).toContain('3 files copied (0.0 MB), 0 were there already');
  expect((await copy('disk', 's3')).logs).toContain('0 files copied (0.0 MB), 3 were there already');
  expect(s3.bucket.get(second).bytes).toEqual(Buffer.from('second'));
});

test('a file that cannot be copied is named, the others are copied, and the next run copies it', async () => {
  const [broken] = [await save('broken'), await save('whole')];
  s3.fail('InternalError', (operation, key) => operation === 'PUT' && key === broken);
  const { code, logs } = await copy('disk', 's3');
  expect(code).toBe(1);
  expect(logs).toContain('1 file copied');
  expect(logs).toContain(`${broken}: InternalError\n1 file could not be copied: run the command again\n`);
  s3.fail(undefined);
  expect(await copy('disk', 's3')).toMatchObject({ code: 0, logs: expect.stringContaining('1 file copied') });
});

test.each<[claim: string, values: string[], message: string]>([
  ['an unknown command', ['move', 'disk', 's3'], 'npm run storage -- copy disk s3'],
  ['a copy to itself', ['copy', 's3', 's3'], 'npm run storage -- copy disk s3'],
  ['a missing bucket', ['copy', 'disk', 's3'], 'S3_BUCKET must name the bucket'],
])('%s is reported without a stack trace', async (_, values, message) => {
  const { code, logs } = await run({ DATA_DIR: dataDir }, ...values);
  expect(code).toBe(1);
  expect(logs).toContain(message);
  expect(logs).not.toContain('    at ');
});

test('pictures of a server on the disk are served by a server on S3 after the copy', async () => {
  const app = await startTestApp();
  try {
    const alice = await signUp(app.url);
    const { id } = await create(alice);
    const { result } = await becomes(alice, id, 'COMPLETED');
    const url = String(result?.images[0]?.url);
    const env = { DATA_DIR: String(app.env.DATA_DIR), ...s3.env };
    expect((await run(env, 'copy', 'disk', 's3')).code).toBe(0);
    const moved = await app.startAnother(s3.env);
    const [before, after] = await Promise.all([app, moved].map(async (each) => (await fetch(each.url + url)).text()));
    expect(after).toBe(before);
    await moved.close();
  } finally {
    await app.close();
  }
});
