/**
 * No secret and no prompt appears in the log or in an error.
 *
 * @slow: starts servers as processes.
 */
import { randomBytes } from 'node:crypto';
import { createWebhook, LOOPBACK } from '../deliveries/support.js';
import { type Answer, post, signUp } from '../support/client.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { Processes, type ServerProcess } from '../support/process.js';
import { connect } from '../support/socket.js';
import { TRANSPORTS } from '../support/transports.js';
import { until } from '../support/until.js';
import { finish } from './stories.js';

const processes = new Processes();
let database: TestDatabase;
let server: ServerProcess;
beforeAll(async () => {
  database = await createDatabase();
  server = await processes.startServerProcess({ env: { DATABASE_URL: database.url, LOG_LEVEL: 'trace', ...LOOPBACK } });
});
afterAll(async () => {
  await processes.end();
  await database?.drop();
});

const canary = (name: string) => `canary-${name}-${randomBytes(8).toString('hex')}`;
const PASSWORD = canary('password');
const PROMPT = canary('prompt');
const TOKEN = canary('token');
const BODY = canary('body');
const PARAMETER = canary('parameter');
const WEBHOOK = canary('webhook');

const run = async (...statements: string[]) => {
  for (const statement of statements) await database.query(statement);
};

/** Documents with secrets in variables and in the text. */
const documents = (email: string): { query: string; variables?: Record<string, unknown> }[] => [
  {
    query: 'mutation ($up: SignUpInput!) { signUp(input: $up) { accessToken } }',
    variables: { up: { email: `new-${email}`, password: PASSWORD } },
  },
  { query: `mutation { signIn(input: { email: "${email}", password: "${PASSWORD}" }) { accessToken refreshToken } }` },
  { query: `mutation { signIn(input: { email: "${email}", password: "${PASSWORD}-wrong" }) { accessToken } }` },
  { query: `mutation { refreshSession(refreshToken: "${TOKEN}") { accessToken } }` },
  {
    query: 'mutation ($input: CreateGenerationInput!) { createGeneration(input: $input) { id } }',
    variables: { input: { prompt: PROMPT } },
  },
  { query: `mutation { createGeneration(input: { prompt: "${PROMPT}" }) { id } }` },
  { query: `{ generations(first: 5) { nodes { id user { email } } } models { name } }` },
  { query: `mutation { signIn(input: { password: "${PASSWORD}"` },
];

test('no secret is in the log or in an error, and every masked error is in the log by its request id', async () => {
  const alice = await signUp(server.url);
  const secrets = [
    PASSWORD,
    PROMPT,
    TOKEN,
    BODY,
    PARAMETER,
    WEBHOOK,
    String(alice.token),
    alice.refreshToken,
    'correct horse battery',
  ];

  // Without faults. A token in the URL protects a receiver.
  const url = `http://127.0.0.1:9/${WEBHOOK}`;
  secrets.push((await createWebhook(alice, url)).secret);
  const { data } = await alice.ask(
    'mutation ($input: CreateGenerationInput!) { createGeneration(input: $input) { id } }',
    {
      input: { prompt: PROMPT, steps: 1, width: 64, height: 64, webhookUrl: url },
    },
  );
  const { result } = await finish(server.url, alice, data.createGeneration.id);
  const [picture] = result?.images ?? [];
  await fetch(server.url + picture?.url);
  secrets.push(String(/signature=([^&]+)/.exec(String(picture?.url))?.[1]));
  const created = await alice.ask('mutation { createApiKey(input: { name: "x" }) { secret } }');
  secrets.push(created.data.createApiKey.secret);

  const answers: Answer[] = [];
  const askAll = async () => {
    for (const [, send] of TRANSPORTS)
      for (const document of documents(alice.email)) answers.push(await send(server.url, alice.token, document));
  };
  await askAll();
  // Invalid credentials and invalid bodies.
  await post(server.url, { query: '{ models { name } }' }, TOKEN);
  await post(server.url, `{"query": ${BODY}`);
  await fetch(`${server.url}/graphql?query={viewer{id}}&variables=${PARAMETER}`, {
    headers: { 'apollo-require-preflight': 'x' },
  });
  await fetch(`${server.url}/graphql/stream?query=${PARAMETER}`, {
    headers: { 'apollo-require-preflight': 'x', authorization: TOKEN },
  });
  await connect(server.url, TOKEN).catch(() => {});

  // PostgreSQL rejects rows, which it repeats in its error; then the tables are missing.
  await run(
    ...['users', 'sessions', 'generations'].map(
      (table) => `alter table ${table} add constraint refused check (false) not valid`,
    ),
  );
  await askAll();
  await run(
    ...['users', 'sessions', 'generations'].map((table) => `alter table ${table} drop constraint refused`),
    'alter table models rename to models_away',
    'alter table generations rename to generations_away',
  );
  await askAll();
  await run('alter table sessions rename to sessions_away');
  for (const response of [
    await post(server.url, { query: '{ models { name } }' }, alice.token),
    await fetch(`${server.url}/graphql/stream?query={viewer{id}}`, {
      headers: { 'apollo-require-preflight': 'x', authorization: `Bearer ${alice.token}` },
    }),
  ])
    answers.push((await response.json()) as Answer);

  const errors = answers.flatMap(({ errors = [] }) => errors);
  const hidden = errors.filter(({ extensions }) => extensions.code === 'INTERNAL_SERVER_ERROR');
  expect(hidden.length).toBeGreaterThan(3 * TRANSPORTS.length);
  await until(
    () => hidden.every(({ extensions }) => server.logs.includes(`"requestId":"${extensions.requestId}"`)),
    'every masked error to be in the log',
  );
  for (const { message } of hidden) expect(message).toBe('Internal server error');
  const text = JSON.stringify(errors);
  expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
  expect(secrets.filter((secret) => server.logs.includes(secret))).toEqual([]);
  // The log does contain the causes.
  expect(server.logs).toContain('check constraint');
});

test('every request has a log line with its id and without its query string', async () => {
  const answer = await fetch(`${server.url}/nothing?secret=${PARAMETER}`);
  const requestId = answer.headers.get('x-request-id');
  const line = await until(
    () => server.logs.split('\n').find((line) => line.includes(`"requestId":"${requestId}"`)),
    'its line',
  );
  expect(JSON.parse(line)).toMatchObject({
    requestId,
    method: 'GET',
    path: '/nothing',
    status: 404,
    msg: 'request ended',
  });
});
