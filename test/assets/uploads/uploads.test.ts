/** Uploads in the API: their bounds, sharing of files, and their use as the source of a generation. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { becomes, codeOf, create, filesOf, tryCreate } from '../../generations/support.js';
import { startTestApp, type TestApp } from '../../support/app.js';
import { type Client, signUp } from '../../support/client.js';
import { until } from '../../support/until.js';
import { filled, picture, readUpload, tryDelete, tryUpload, upload } from './support.js';

let app: TestApp;
let alice: Client & { id: string };
let bob: Client;
let database: pg.Client;
beforeAll(async () => {
  app = await startTestApp({ env: { MAX_UPLOAD_BYTES: '500000', MAX_UPLOAD_BYTES_PER_USER: '1000000' } });
  [alice, bob] = [await signUp(app.url), await signUp(app.url)];
  database = new pg.Client({ connectionString: app.database.url });
  await database.connect();
});
afterAll(async () => {
  await database?.end();
  await app?.close();
});

const filesOfUser = (id: string) => readdir(join(String(app.env.DATA_DIR), 'pictures', id)).catch(() => []);
const json = async (value: object) => Buffer.from(JSON.stringify(value));

describe('createUpload rejects', () => {
  test.each<[what: string, input: object, field: string]>([
    ['an unsupported type', { contentType: 'image/svg+xml' }, 'contentType'],
    ['an empty type', { contentType: '' }, 'contentType'],
    ['0 bytes', { byteSize: 0 }, 'byteSize'],
    ['a negative size', { byteSize: -1 }, 'byteSize'],
    ['a part of a byte', { byteSize: 1.5 }, 'byteSize'],
    ['one byte above MAX_UPLOAD_BYTES', { byteSize: 500_001 }, 'byteSize'],
    ['an enormous size', { byteSize: 1e300 }, 'byteSize'],
    ['an empty name', { filename: '' }, 'filename'],
    ['a name of 256 characters', { filename: 'x'.repeat(256) }, 'filename'],
    ['a path as its name', { filename: '../../etc/passwd' }, 'filename'],
    ['a path of Windows as its name', { filename: '..\\x.png' }, 'filename'],
    ['a name with a line break', { filename: 'x\r\ny' }, 'filename'],
    ['a name with NUL', { filename: 'x\0' }, 'filename'],
    ['the folder above as its name', { filename: '..' }, 'filename'],
  ])('%s', async (_, input, field) => {
    const { errors } = await tryUpload(alice, { contentType: 'image/png', byteSize: 1, ...input });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field });
  });
});

test('a usual name of a type, and a name in any script, are accepted', async () => {
  const created = await upload(alice, { contentType: 'audio/x-wav', byteSize: 10, filename: 'Straße 東京.wav' });
  expect(created).toMatchObject({ contentType: 'audio/wav', filename: 'Straße 東京.wav', byteSize: 10 });
});

test('the uploads of a user are limited in number, exactly, until one is deleted', async () => {
  const other = await app.startAnother({ MAX_UPLOADS_PER_USER: '3' });
  try {
    const carol = await signUp(other.url);
    const input = { contentType: 'image/png', byteSize: 1 };
    const answers = await Promise.all(Array.from({ length: 8 }, () => tryUpload(carol, input)));
    const refused = answers.flatMap(({ errors }) => errors ?? []);
    expect(refused).toHaveLength(5);
    expect(refused[0]?.extensions).toMatchObject({ code: 'QUOTA_EXCEEDED', limit: 3, used: 3, retryAfter: 60 });
    const created = answers.find(({ data }) => data?.createUpload)?.data.createUpload;
    await tryDelete(carol, created.id);
    expect((await tryUpload(carol, input)).errors).toBeUndefined();
  } finally {
    await other.close();
  }
});

test('the bytes of the uploads of a user are limited until uploads expire', async () => {
  const carol = await signUp(app.url);
  const input = { contentType: 'image/png', byteSize: 500_000 };
  for (let count = 0; count < 2; count += 1) await upload(carol, input);
  const { errors } = await tryUpload(carol, { ...input, byteSize: 1 });
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'QUOTA_EXCEEDED', limit: 1_000_000, used: 1_000_000 });
  await database.query(`update uploads set expires_at = now() - interval '1 s' where user_id = $1`, [carol.id]);
  await upload(carol, input);
});

test('createUpload is limited per minute', async () => {
  const other = await app.startAnother({ MAX_UPLOADS_PER_MINUTE: '2' });
  try {
    const carol = await signUp(other.url);
    for (let count = 0; count < 2; count += 1) await upload(carol);
    expect(await codeOf(tryUpload(carol, { contentType: 'image/png', byteSize: 1 }))).toBe('RATE_LIMITED');
  } finally {
    await other.close();
  }
});

test('the same bytes of one user are stored once, and stay while an upload or a generation has them', async () => {
  const carol = await signUp(app.url);
  const bytes = await picture();
  const [first, second] = [await filled(app, carol, bytes), await filled(app, carol, bytes)];
  await filled(app, alice, bytes);
  expect(await filesOfUser(carol.id)).toHaveLength(1);
  expect(
    (await carol.ask('{ storage { generations byteSize expiring keepsDays keepsCount keepsBytes } }')).data,
  ).toEqual({
    storage: {
      generations: 0,
      byteSize: bytes.length,
      expiring: 0,
      keepsDays: null,
      keepsCount: null,
      keepsBytes: null,
    },
  });
  expect((await tryDelete(carol, first.id)).data).toEqual({ deleteUpload: first.id });
  expect(await readUpload(carol, first.id)).toBeNull();
  expect(await codeOf(tryDelete(carol, first.id))).toBe('NOT_FOUND');
  expect(await filesOfUser(carol.id)).toHaveLength(1);
  const { id } = await create(carol, { source: second.id });
  expect((await becomes(carol, id, 'COMPLETED')).result?.images).toHaveLength(1);
  await tryDelete(carol, second.id);
  // Its source and its result.
  expect(await filesOf(app, id)).toHaveLength(2);
  await carol.ask(`mutation { deleteGeneration(id: "${id}") }`);
  await until(async () => (await filesOfUser(carol.id)).length === 0, 'the files to be removed');
});

test('uploads with the same bytes that are filled and deleted at once leave no row without its file', async () => {
  const carol = await signUp(app.url);
  const bytes = await picture();
  for (let round = 0; round < 5; round += 1) {
    const old = await filled(app, carol, bytes);
    const [made] = await Promise.all([filled(app, carol, bytes), tryDelete(carol, old.id)]);
    const { rows } = await database.query('select file from uploads where user_id = $1', [carol.id]);
    const files = (await filesOfUser(carol.id)).map((name) => `${carol.id}/${name}`);
    expect(files).toEqual(rows.map(({ file }) => file));
    await tryDelete(carol, made.id);
  }
  expect(await filesOfUser(carol.id)).toEqual([]);
});

describe('as the source of a generation', () => {
  test('an upload is repainted in its size, which outlives it', async () => {
    const source = await filled(app, alice, await picture(64, 128));
    app.simulator.hold();
    const { id } = await create(alice, { source: source.id, width: null, height: null });
    await tryDelete(alice, source.id);
    app.simulator.release();
    const end = await becomes(alice, id, 'COMPLETED');
    expect(end.parameters).toMatchObject({ source: source.id, width: 64, height: 128 });
    expect(end.result?.images).toMatchObject([{ width: 64, height: 128 }]);
    const retried = await alice.ask(`mutation { retryGeneration(id: "${id}") { id } }`);
    await becomes(alice, retried.data.retryGeneration.id, 'COMPLETED');
  });

  test('ComfyUI stores the same picture once, also for another user and under another name', async () => {
    const bytes = await picture(64, 64);
    const inputs = async () => {
      const found = await readdir(join(app.simulator.directory, 'input'), { recursive: true, withFileTypes: true });
      return found.filter((entry) => entry.isFile()).map(({ name }) => name);
    };
    const before = new Set(await inputs());
    for (const [client, filename] of [
      [alice, 'a.png'],
      [bob, 'b.png'],
    ] as const) {
      const source = await filled(app, client, bytes, { filename });
      await becomes(client, (await create(client, { source: source.id })).id, 'COMPLETED');
    }
    // Two days have a file each: a test may run at midnight.
    const added = new Set((await inputs()).filter((name) => !before.has(name)));
    expect([...added]).toEqual([expect.stringMatching(/^[0-9a-f]{32}\.png$/)]);
  });

  test('a use postpones the expiry of an upload', async () => {
    const source = await filled(app, alice, await picture(64, 64));
    await database.query(`update uploads set expires_at = now() + interval '1 min' where id = $1`, [source.id]);
    await create(alice, { source: source.id });
    const hoursLeft = (Date.parse(String((await readUpload(alice, source.id))?.expiresAt)) - Date.now()) / 3_600_000;
    expect(hoursLeft).toBeGreaterThan(23);
  });

  test('an upload of another user is FORBIDDEN, an unfilled one a CONFLICT, and nothing is created or stored', async () => {
    const others = await filled(app, bob, await picture());
    const unfilled = await upload(alice);
    const expired = await filled(app, alice, await picture());
    await database.query(`update uploads set expires_at = now() - interval '1 s' where id = $1`, [expired.id]);
    const sound = await json({ not: 'an image' });
    const notAnImage = await filled(app, alice, sound, { contentType: 'application/json' });
    const before = await database.query('select count(*) from generations');
    for (const [id, code] of [
      [others.id, 'FORBIDDEN'],
      [unfilled.id, 'CONFLICT'],
      [expired.id, 'NOT_FOUND'],
      [notAnImage.id, 'BAD_USER_INPUT'],
    ])
      expect([id, await codeOf(tryCreate(alice, { prompt: 'x', source: id }))]).toEqual([id, code]);
    expect((await database.query('select count(*) from generations')).rows).toEqual(before.rows);
  });

  test('deleting the generation leaves the upload', async () => {
    const source = await filled(app, alice, await picture(64, 64));
    const { id } = await create(alice, { source: source.id });
    await becomes(alice, id, 'COMPLETED');
    await alice.ask(`mutation { deleteGeneration(id: "${id}") }`);
    await until(async () => (await filesOf(app, id)).length === 0, 'the files to be removed');
    expect((await readUpload(alice, source.id))?.isFilled).toBe(true);
  });
});
