/** Invalid webhooks are refused with the name of the field. */
import { codeOf, tryCreate } from '../generations/support.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { type Client, type GraphQLError, signUp } from '../support/client.js';
import { CREATE } from './support.js';

let app: TestApp;
let alice: Client;
beforeAll(async () => {
  app = await startTestApp();
  alice = await signUp(app.url);
});
afterAll(() => app.close());

const VALID = { url: 'https://8.8.8.8/', events: ['GENERATION_COMPLETED'] };

const refusal = (errors: GraphQLError[] | undefined) => {
  const { message, extensions } = errors?.[0] ?? { message: '', extensions: {} };
  return [extensions.code, extensions.field, message];
};

test.each([
  [{ url: 'https://127.0.0.1/' }, 'url', 'url: The host has no public address'],
  [{ url: 'http://8.8.8.8/' }, 'url', 'url must be an https URL'],
  [{ url: 'https://8.8.8.8/\0' }, 'url', 'url must not contain NUL characters'],
  [{ events: [] }, 'events', 'events must name one event at least'],
  [{ description: 'x'.repeat(256) }, 'description', 'description must have up to 255 characters, not 256'],
])('a webhook with %j is refused', async (changed, field, message) => {
  const { errors } = await alice.ask(CREATE, { input: { ...VALID, ...changed } });
  expect(refusal(errors)).toEqual(['BAD_USER_INPUT', field, message]);
});

test.each([
  ['https://169.254.169.254/', 'webhookUrl: The host has no public address'],
  ['http://8.8.8.8/', 'webhookUrl must be an https URL'],
])('a generation with the webhookUrl %s is refused', async (webhookUrl, message) => {
  const { errors } = await tryCreate(alice, { prompt: 'x', webhookUrl });
  expect(refusal(errors)).toEqual(['BAD_USER_INPUT', 'webhookUrl', message]);
});

test('another webhookUrl under the same idempotency key is a CONFLICT', async () => {
  const input = { prompt: 'x', steps: 1, idempotencyKey: 'k', webhookUrl: 'https://8.8.8.8/a' };
  expect((await tryCreate(alice, input)).errors).toBeUndefined();
  expect(await codeOf(tryCreate(alice, { ...input, webhookUrl: 'https://8.8.8.8/b' }))).toBe('CONFLICT');
});
