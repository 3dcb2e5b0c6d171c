/**
 * Public links: who makes them, what they open, and when they end.
 *
 * @slow: it runs several graphs with every kind of output.
 */
import { type GraphQLObjectType, getNamedType, isObjectType } from 'graphql';
import { createSchema } from '../../src/api/schema.js';
import { becomes, begins, codeOf, create, dataOf, followAll, read, remove, sql } from '../generations/support.js';
import { ADMIN_EMAIL, startTestApp, type TestApp } from '../support/app.js';
import { type Client, clientOf, post, signUp } from '../support/client.js';
import { until } from '../support/until.js';
import {
  addressesOf,
  everything,
  get,
  OPTIONS,
  open,
  share,
  statusesOf,
  tryOpen,
  tryShare,
  tryUnshare,
  unshare,
} from './support.js';

const DAY_MS = 86_400_000;

let app: TestApp;
let alice: Client & { id: string; email: string };
let bob: Client & { id: string };
let admin: Client;
let nobody: Client;
/** Alice's, with every kind of output. */
let id: string;
beforeAll(async () => {
  app = await startTestApp(OPTIONS);
  [alice, bob] = [await signUp(app.url), await signUp(app.url)];
  admin = await signUp(app.url, ADMIN_EMAIL);
  nobody = clientOf(app.url);
  id = await everything(alice);
});
afterAll(() => app?.close());

/** Opens a new link, and expects that all of it works. */
async function opened(client: Client = alice, generation = id) {
  const link = await share(client, generation);
  const shared = await open(nobody, link.token);
  const addresses = addressesOf(link, shared);
  expect(await statusesOf(app, addresses)).toEqual(addresses.map(() => 200));
  return { link, shared, addresses };
}

async function expectEnded({ link, addresses }: { link: { token: string }; addresses: string[] }) {
  expect(await codeOf(tryOpen(nobody, link.token))).toBe('NOT_FOUND');
  expect(await statusesOf(app, addresses)).toEqual(addresses.map(() => 404));
}

describe('sharing', () => {
  test('a link expires after 30 days unless it says otherwise, and its token has 128 random bits at least', async () => {
    const { url, token, expiresAt } = await share(alice, id);
    expect(url).toBe(`/s/${token}`);
    expect(Buffer.from(token, 'base64url').length).toBeGreaterThanOrEqual(32);
    const days = (Date.parse(String(expiresAt)) - Date.now()) / DAY_MS;
    expect(days).toBeGreaterThan(29.9);
    expect(days).toBeLessThanOrEqual(30);
  });

  test('sharing again keeps the token and sets the expiry, also to none', async () => {
    const first = await share(alice, id);
    const expiresAt = new Date(Date.now() + DAY_MS);
    const second = await share(alice, id, expiresAt);
    expect(second).toEqual({ ...first, expiresAt: expiresAt.toISOString() });
    expect((await open(nobody, first.token)).expiresAt).toBe(expiresAt.toISOString());
    expect((await share(alice, id, null)).expiresAt).toBeNull();
  });

  test('a link that was taken back has another token when the generation is shared again', async () => {
    const first = await share(alice, id);
    await unshare(alice, id);
    expect((await share(alice, id)).token).not.toBe(first.token);
    expect(await codeOf(tryOpen(nobody, first.token))).toBe('NOT_FOUND');
  });

  test.each([
    ['now', () => new Date()],
    ['in the past', () => new Date(0)],
    ['after the year 9999', () => new Date('9999-12-31T23:59:59-14:00')],
  ])('an expiry %s is BAD_USER_INPUT', async (_, expiresAt) => {
    const { errors } = await alice.ask(
      'mutation ($id: ID!, $at: DateTime) { shareGeneration(id: $id, expiresAt: $at) { id } }',
      { id, at: expiresAt().getUTCFullYear() > 9999 ? '9999-12-31T23:59:59-14:00' : expiresAt() },
    );
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'expiresAt' });
  });

  test('a generation that is not COMPLETED is CONFLICT', async () => {
    app.simulator.hold();
    const running = await create(alice);
    expect(await codeOf(tryShare(alice, running.id))).toBe('CONFLICT');
    app.simulator.release();
    await becomes(alice, running.id, 'COMPLETED');
  });

  test('nobody shares the generation of another user, or takes its link back, or reads it', async () => {
    await share(alice, id);
    for (const other of [bob, admin]) {
      expect(await codeOf(tryShare(other, id))).toBe('FORBIDDEN');
      expect(await codeOf(tryUnshare(other, id))).toBe('FORBIDDEN');
      expect(await codeOf(other.ask(`{ generation(id: "${id}") { share { token } } }`))).toBe('FORBIDDEN');
    }
    expect(await codeOf(tryShare(nobody, id))).toBe('UNAUTHENTICATED');
  });

  test('the revision rises with each change of the share, and another client of the owner receives it', async () => {
    const stream = await followAll(app, alice);
    await begins(app, stream, id);
    for (const act of [tryShare, tryUnshare]) {
      const before = (await read(alice, id)).revision;
      expect((await act(alice, id)).errors).toBeUndefined();
      const after = (await read(alice, id)).revision;
      expect(after).toBeGreaterThan(before);
      await until(() => stream.seen.some(({ generation }) => generation?.revision === after), 'the change to arrive');
    }
    await stream.leave();
    // Nothing is left to take back.
    const { revision } = await read(alice, id);
    expect(await unshare(alice, id)).toEqual({ revision, share: null });
  });
});

describe('a link ends', () => {
  test('when it is taken back', async () => {
    const all = await opened();
    await unshare(alice, id);
    await expectEnded(all);
  });

  test('when it expires', async () => {
    const all = await opened();
    await sql(app, `update shares set expires_at = now() where generation_id = $1`, [id]);
    await expectEnded(all);
    // The owner still sees it, and gives it another expiry.
    const { data } = await alice.ask(`{ generation(id: "${id}") { share { token } } }`);
    expect(data.generation.share.token).toBe(all.link.token);
    await share(alice, id, null);
    expect(await statusesOf(app, all.addresses)).toEqual(all.addresses.map(() => 200));
  });

  test('with its generation', async () => {
    const other = await everything(alice);
    const all = await opened(alice, other);
    await remove(alice, other);
    await expectEnded(all);
  });

  test('while its owner is disabled', async () => {
    const carol = await signUp(app.url);
    const all = await opened(carol, await everything(carol));
    await dataOf(admin.ask(`mutation { disableUser(id: "${carol.id}") { id } }`));
    await expectEnded(all);
    await dataOf(admin.ask(`mutation { enableUser(id: "${carol.id}") { id } }`));
    expect(await statusesOf(app, all.addresses)).toEqual(all.addresses.map(() => 200));
  });

  test('with the account of its owner', async () => {
    const dave = await signUp(app.url);
    const all = await opened(dave, await everything(dave));
    await dataOf(dave.ask('mutation { deleteAccount(password: "correct horse battery") }'));
    await expectEnded(all);
  });
});

/** Every field of a type and below, without those that take arguments that are required. */
function selectionOf(type: GraphQLObjectType): string {
  const fields = Object.values(type.getFields()).map((field) => {
    const named = getNamedType(field.type);
    return isObjectType(named) ? `${field.name} { ${selectionOf(named)} }` : field.name;
  });
  return ['__typename', ...fields].join(' ');
}

describe('an open link', () => {
  test('shows in all of its fields nothing else of the owner, and only URLs that end with it', async () => {
    const { link } = await opened();
    const schema = await createSchema();
    const selection = selectionOf(schema.getType('SharedGeneration') as GraphQLObjectType);
    const { data, errors } = await nobody.ask(
      `query ($token: String!) { sharedGeneration(token: $token) { ${selection} } }`,
      { token: link.token },
    );
    expect(errors).toBeUndefined();
    const text = JSON.stringify(data);
    const [row = {}] = await sql(
      app,
      `select g.id, g.user_id, g.seed::text, g.workflow_id, g.workflow_name, r.id as result, s.id as share from generations g
       join results r on r.generation_id = g.id join shares s on s.generation_id = g.id where g.id = $1`,
      [id],
    );
    const owned = [...Object.values(row), alice.email, 'class_type', 'EmptyImage', 'blobs'].filter(
      (each) => each !== null,
    );
    expect(owned.filter((each) => text.includes(String(each)))).toEqual([]);
    const urls = text.match(/"\/[^"]*"/g) ?? [];
    expect(urls.length).toBeGreaterThan(5);
    expect(urls.filter((url) => !url.startsWith(`"/s/${link.token}/`))).toEqual([]);
  });

  test('opens nothing of another generation, and no other address', async () => {
    const { link, shared } = await opened();
    const other = await opened(alice, await everything(alice));
    const own = [...shared.images, ...shared.files];
    const others = [...other.shared.images, ...other.shared.files];
    const altered = addressesOf(link, shared)
      .slice(1)
      .map((url) => own.reduce((text, file, index) => text.replace(file.id, String(others[index]?.id)), url));
    expect(altered.every((url) => others.some((file) => url.includes(file.id)))).toBe(true);
    expect(await statusesOf(app, altered)).toEqual(altered.map(() => 404));
    const [image] = shared.images;
    const base = link.url;
    const wrong = [
      ...[
        `${base}/`,
        `${base}/images`,
        `${base}/images/x.png`,
        `${base}/images/${id}.png`,
        `${base}/files/${image?.id}.png`,
      ],
      ...[`${base}/thumbnails/${image?.id}/100.webp`, `${base}/posters/${image?.id}.png`, `${base}/archives/${id}.zip`],
      ...[
        `${base}/../images/${image?.id}.png`,
        `/images/${image?.id}.png?token=${link.token}`,
        `${base}x`,
        '/s',
        '/s/',
      ],
      ...[`/s/${link.token.slice(1)}`, `/s/${encodeURIComponent("' or 1=1")}`, '/s/%00', `/s/${'A'.repeat(43)}`],
    ];
    // A trailing slash is the same page.
    expect(await statusesOf(app, wrong)).toEqual([200, ...wrong.slice(1).map(() => 404)]);
  });

  test('is no credential', async () => {
    const { token } = await share(alice, id);
    for (const query of ['{ viewer { id } }', `{ generation(id: "${id}") { id } }`]) {
      const answer = await post(app.url, { query }, token);
      expect(answer.status).toBe(401);
      await answer.arrayBuffer();
    }
  });

  test('needs no account, and is answered as for nobody with an invalid credential', async () => {
    const { token } = await share(alice, id);
    for (const client of [nobody, bob, clientOf(app.url, 'expired'), clientOf(app.url, token)])
      expect((await open(client, token)).images).toHaveLength(2);
  });

  test('shows the kinds of output with the size and hash of what its URLs return', async () => {
    const { shared } = await opened();
    expect(shared.texts).toEqual([{ text: 'a text of a node' }]);
    expect(shared.images.map(({ contentType }) => contentType)).toEqual(['image/png', 'image/png']);
    expect(shared.files.map(({ contentType }) => contentType).sort()).toEqual(['audio/flac', 'video/mp4']);
    for (const file of [...shared.images, ...shared.files]) {
      const bytes = Buffer.from(await (await get(app, file.url)).arrayBuffer());
      expect(bytes.length).toBe(file.byteSize);
      expect(Buffer.from(await crypto.subtle.digest('SHA-256', bytes)).toString('hex')).toBe(file.hash);
    }
  });
});
