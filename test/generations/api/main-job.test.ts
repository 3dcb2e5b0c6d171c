/** The main use, end to end: create, watch, fetch. */
import { startTestApp, type TestApp } from '../../support/app.js';
import { signUp } from '../../support/client.js';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

const CREATE = `mutation ($input: CreateGenerationInput!) { createGeneration(input: $input) { id status revision } }`;
const WATCH = `subscription ($id: ID!) {
  generationUpdated(id: $id) {
    status revision attempt completedAt startedAt errorMessage
    progress { fraction nodesDone nodesTotal node step totalSteps previewUrl updatedAt }
    result { images { url width height contentType byteSize thumbHash } }
  }
}`;

test('a generation is created, watched from PENDING over PROCESSING with rising progress to COMPLETED, and its image fetched', async () => {
  const alice = await signUp(app.url);
  app.simulator.hold();
  const created = await alice.ask(CREATE, {
    input: { prompt: 'a beautiful landscape', model: 'stable-diffusion-1.5' },
  });
  expect(created.errors).toBeUndefined();
  expect(created.data.createGeneration).toMatchObject({ status: 'PENDING', revision: 1 });

  const seen = [];
  for await (const { data, errors } of alice.watch(WATCH, { id: created.data.createGeneration.id })) {
    expect(errors).toBeUndefined();
    seen.push(data.generationUpdated);
    app.simulator.release();
  }
  const statuses = seen.map(({ status }) => status);
  expect(statuses.at(-1)).toBe('COMPLETED');
  expect(statuses).toContain('PROCESSING');
  expect(seen.map(({ revision }) => revision)).toEqual(seen.map(({ revision }) => revision).sort((a, b) => a - b));
  const fractions = seen.flatMap(({ progress }) => (progress ? [progress.fraction] : []));
  expect(fractions.length).toBeGreaterThan(0);
  expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
  expect(Math.max(...fractions)).toBeLessThan(1);

  const [image] = seen.at(-1).result.images;
  expect(image).toMatchObject({ width: 512, height: 512, contentType: 'image/png' });
  const picture = await fetch(app.url + image.url);
  expect(picture.status).toBe(200);
  expect(picture.headers.get('content-type')).toBe('image/png');
  expect((await picture.arrayBuffer()).byteLength).toBe(image.byteSize);
});
