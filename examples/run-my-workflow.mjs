// node run-my-workflow.mjs FILE: imports a workflow of ComfyUI, saves it, runs it once, and downloads its pictures.
// FILE is JSON in either format of ComfyUI, or a picture that ComfyUI saved. TOKEN is an API key or an access token of an author.
import { readFile, writeFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';

const api = 'http://127.0.0.1:4000';
const [, , file] = process.argv;
const TYPES = { '.json': 'application/json', '.png': 'image/png', '.jpg': 'image/jpeg', '.webp': 'image/webp' };

async function ask(query, variables) {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${process.env.TOKEN}` };
  const body = JSON.stringify({ query, variables });
  const { data, errors } = await (await fetch(`${api}/graphql`, { method: 'POST', headers, body })).json();
  if (errors) throw new Error(errors.map(({ message }) => message).join('\n'));
  return data;
}

async function upload(bytes) {
  const input = { contentType: TYPES[extname(file).toLowerCase()], byteSize: bytes.length };
  const created = await ask('mutation ($input: CreateUploadInput!) { createUpload(input: $input) { id url } }', {
    input,
  });
  const { id, url } = created.createUpload;
  const put = await fetch(new URL(url, api), { method: 'PUT', body: bytes });
  if (!put.ok) throw new Error(await put.text());
  return id;
}

const IMPORT = `mutation ($upload: ID!) {
  importWorkflow(input: { upload: $upload }) {
    graph
    inputs { nodeId input also { nodeId input } proposal { name title type required default min max } }
    outputs { name title nodeId }
    missing { name folder url }
    problems { message }
  }
}`;
const draft = (await ask(IMPORT, { upload: await upload(await readFile(file)) })).importWorkflow;
for (const { message } of draft.problems) console.log(`Problem: ${message}`);
for (const { name, folder, url } of draft.missing) console.log(`Missing: ${name}`, folder ?? '', url ?? '');

const name = basename(file, extname(file))
  .toLowerCase()
  .replaceAll(/[^a-z0-9]+/g, '-')
  .replaceAll(/^-|-$/g, '')
  .slice(0, 64);
const inputs = draft.inputs.map(({ proposal, ...place }) => ({ ...place, ...proposal }));
const input = { name, graph: draft.graph, inputs, outputs: draft.outputs };
await ask('mutation ($input: SaveWorkflowInput!) { saveWorkflow(input: $input) { id } }', { input });
console.log(`Saved as ${name}:`, inputs.map((each) => `${each.name} (${each.type})`).join(', '));

// Inputs of your own go into `parameters`, such as { seed: "42" }.
const CREATE = 'mutation ($input: CreateGenerationInput!) { createGeneration(input: $input) { id } }';
const { id } = (await ask(CREATE, { input: { workflow: name, parameters: {} } })).createGeneration;
const LOOK = 'query ($id: ID!) { generation(id: $id) { status errorMessage result { images { url } } } }';
for (;;) {
  const { status, errorMessage, result } = (await ask(LOOK, { id })).generation;
  console.log(status, errorMessage ?? '');
  for (const [nth, { url }] of (result?.images ?? []).entries())
    await writeFile(`${name}-${nth + 1}.png`, (await fetch(new URL(url, api))).body);
  if (!['PENDING', 'PROCESSING', 'CANCELING'].includes(status)) break;
  await new Promise((resolve) => setTimeout(resolve, 500));
}
