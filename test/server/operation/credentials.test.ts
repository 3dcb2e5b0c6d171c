/** Which fields need an account, which do not, and what a bad credential changes. */
import { claimsOf, expired, forge, SECRET } from '../../accounts/forge.js';
import { startTestApp, type TestApp } from '../../support/app.js';
import { type Answer, type Client, clientOf, post, signUp } from '../../support/client.js';
import { openStream } from '../../support/event-stream.js';
import { errorOf, TRANSPORTS } from '../../support/transports.js';

let app: TestApp;
let alice: Client & { email: string; refreshToken: string };
beforeAll(async () => {
  app = await startTestApp({ env: { JWT_SECRET: SECRET } });
  alice = await signUp(app.url);
});
afterAll(() => app?.close());

const ID = '01890000-0000-7000-8000-000000000000';
const PROTECTED: [field: string, document: string][] = [
  ['node', `{ node(id: "${ID}") { id } }`],
  ['generation', `{ generation(id: "${ID}") { id } }`],
  ['generations', '{ generations { totalCount } }'],
  ['generationDefaults', '{ generationDefaults(workflow: "a") { model } }'],
  ['models', '{ models { name } }'],
  ['workflows', '{ workflows { name } }'],
  ['workflow', '{ workflow(name: "test-card") { name } }'],
  ['importWorkflow', 'mutation { importWorkflow(input: { document: {} }) { format } }'],
  ['saveWorkflow', 'mutation { saveWorkflow(input: { name: "a", graph: {}, inputs: [] }) { id } }'],
  ['shareWorkflow', 'mutation { shareWorkflow(name: "a", isShared: true) { id } }'],
  ['storage', '{ storage { byteSize } }'],
  ['createUpload', 'mutation { createUpload(input: { contentType: "image/png", byteSize: 1 }) { id } }'],
  ['deleteUpload', `mutation { deleteUpload(id: "${ID}") }`],
  ['deleteWorkflow', 'mutation { deleteWorkflow(name: "a") }'],
  ['mayWriteWorkflows', '{ mayWriteWorkflows }'],
  ['backends', '{ backends { name } }'],
  ['createGeneration', 'mutation { createGeneration(input: { prompt: "x" }) { id } }'],
  ['cancelGeneration', `mutation { cancelGeneration(id: "${ID}") { id } }`],
  ['deleteGeneration', `mutation { deleteGeneration(id: "${ID}") }`],
  ['cancelGenerations', `mutation { cancelGenerations(ids: ["${ID}"]) { generationId } }`],
  ['deleteGenerations', `mutation { deleteGenerations(ids: ["${ID}"]) { generationId } }`],
  ['favoriteGeneration', `mutation { favoriteGeneration(id: "${ID}", isFavorite: true) { id } }`],
  ['shareGeneration', `mutation { shareGeneration(id: "${ID}") { id } }`],
  ['unshareGeneration', `mutation { unshareGeneration(id: "${ID}") { id } }`],
  ['retryGeneration', `mutation { retryGeneration(id: "${ID}") { id } }`],
  ['webhooks', '{ webhooks { id } }'],
  ['createWebhook', 'mutation { createWebhook(input: { url: "https://a.example", events: [] }) { secret } }'],
  ['deleteWebhook', `mutation { deleteWebhook(id: "${ID}") }`],
  ['redeliver', `mutation { redeliver(id: "${ID}") { id } }`],
  ['apiKeys', '{ apiKeys { id } }'],
  ['createApiKey', 'mutation { createApiKey(input: { name: "x" }) { secret } }'],
  ['deleteApiKey', `mutation { deleteApiKey(id: "${ID}") }`],
  ['sessions', '{ sessions { id } }'],
  ['endSession', `mutation { endSession(id: "${ID}") }`],
  ['deleteAccount', 'mutation { deleteAccount(password: "12345678") }'],
  ['users', '{ users { totalCount } }'],
  ['queue', '{ queue { waiting } }'],
  ['createUser', 'mutation { createUser(input: { email: "a@b.c", password: "12345678" }) { id } }'],
  ['disableUser', `mutation { disableUser(id: "${ID}") { id } }`],
  ['enableUser', `mutation { enableUser(id: "${ID}") { id } }`],
  ['setRole', `mutation { setRole(userId: "${ID}", role: USER) { id } }`],
  ['setPassword', `mutation { setPassword(userId: "${ID}", new: "12345678") { id } }`],
  ['signOut', 'mutation { signOut }'],
  ['changePassword', 'mutation { changePassword(current: "12345678", new: "123456789") { accessToken } }'],
  ['drainBackend', 'mutation { drainBackend(name: "comfyui-1") { id } }'],
  ['resumeBackend', 'mutation { resumeBackend(name: "comfyui-1") { id } }'],
];

describe.each(TRANSPORTS)('over %s', (_, send) => {
  test.each(PROTECTED)('an anonymous caller of %s gets UNAUTHENTICATED', async (field, query) => {
    const answer = await send(app.url, undefined, { query });
    expect(errorOf(answer)).toEqual({ code: 'UNAUTHENTICATED', path: [field] });
    expect(answer.data).toEqual({ [field]: null });
  });

  test('an UNAUTHENTICATED field leaves the other fields of the response', async () => {
    const answer = await send(app.url, undefined, { query: '{ viewer { id } models { name } __typename }' });
    expect(errorOf(answer)).toEqual({ code: 'UNAUTHENTICATED', path: ['models'] });
    expect(answer.data).toEqual({ viewer: null, models: null, __typename: 'Query' });
  });
});

test('every root field is either public or in the list above', async () => {
  const { data } = await clientOf(app.url).ask(
    '{ __schema { queryType { fields { name } } mutationType { fields { name } } } }',
  );
  const { queryType, mutationType } = data.__schema;
  const names = [...queryType.fields, ...mutationType.fields].map(({ name }: { name: string }) => name);
  expect(names.sort()).toEqual(
    [...PROTECTED.map(([field]) => field), 'viewer', 'signUp', 'signIn', 'refreshSession', 'sharedGeneration'].sort(),
  );
});

test('a missing credential is no HTTP error', async () => {
  expect((await post(app.url, { query: '{ models { name } }' })).status).toBe(200);
});

describe.each<[kind: string, authorization: () => string]>([
  ['expired', () => `Bearer ${expired(String(alice.token))}`],
  ['forged', () => `Bearer ${forge(claimsOf(String(alice.token)), { secret: 'another' })}`],
  ['malformed', () => 'Bearer alice'],
  ['of another scheme', () => 'Basic YWxpY2U6eA=='],
])('with a credential that is %s', (_, authorization) => {
  const ask = async (query: string, variables = {}) => {
    const answer = await post(app.url, { query, variables }, undefined, { authorization: authorization() });
    return {
      status: answer.status,
      challenge: answer.headers.get('www-authenticate'),
      ...((await answer.json()) as Answer),
    };
  };

  test.each<[field: string, document: string]>([
    ...PROTECTED,
    // An anonymous caller may read it, but a caller with a bad credential does not mean to be anonymous.
    ['viewer', '{ viewer { id } }'],
    ['viewer beside a public field', '{ __typename viewer { id } }'],
    ['viewer in a fragment', '{ ...Me } fragment Me on Query { __typename ... on Query { viewer { id } } }'],
    ['viewer that is skipped', '{ __typename viewer @skip(if: true) { id } }'],
  ])('%s is HTTP 401', async (_field, document) => {
    const { status, challenge, ...answer } = await ask(document);
    expect(status).toBe(401);
    expect(challenge).toBe('Bearer error="invalid_token"');
    expect(answer.data).toBeUndefined();
    expect(errorOf(answer)).toEqual({ code: 'UNAUTHENTICATED' });
  });

  test.each([
    ['__typename', '{ __typename }'],
    ['introspection', '{ __schema { queryType { name } } __type(name: "User") { name } }'],
    [
      'introspection in fragments',
      'query { ...A } fragment A on Query { ... { __typename } ...B } fragment B on Query { __typename }',
    ],
  ])('%s is executed', async (_claim, document) => {
    const { status, data, errors } = await ask(document);
    expect(errors).toBeUndefined();
    expect(status).toBe(200);
    expect(Object.values(data)).not.toContain(null);
  });

  test('signUp, signIn and refreshSession are executed', async () => {
    const { data, errors } = await ask(
      `mutation ($up: SignUpInput!, $in: SignInInput!) {
         up: signUp(input: $up) { accessToken } in: signIn(input: $in) { accessToken refreshToken }
       }`,
      {
        up: { email: `${Math.random()}@example.com`, password: 'correct horse battery' },
        in: { email: alice.email, password: 'correct horse battery' },
      },
    );
    expect(errors).toBeUndefined();
    const refreshed = await ask('mutation ($token: String!) { refreshSession(refreshToken: $token) { accessToken } }', {
      token: data.in.refreshToken,
    });
    expect(refreshed.errors).toBeUndefined();
  });

  test('signIn beside a protected field is HTTP 401, and not executed', async () => {
    const { status, data } = await ask(
      'mutation ($in: SignInInput!) { signIn(input: $in) { accessToken } createGeneration(input: { prompt: "x" }) { id } }',
      { in: { email: alice.email, password: 'correct horse battery' } },
    );
    expect(status).toBe(401);
    expect(data).toBeUndefined();
  });
});

test('a bad credential is reported before an exceeded limit, over HTTP and server-sent events', async () => {
  const query = '{ generations(first: 100) { nodes { result { generation { result { id } } } } } }';
  for (const response of [
    await post(app.url, { query }, 'not.a.token'),
    await openStream(app.url, { query }, { token: 'not.a.token' }),
  ]) {
    expect(response.status).toBe(401);
    expect(errorOf((await response.json()) as Answer)).toEqual({ code: 'UNAUTHENTICATED' });
  }
});
