/** The limit of a job: a script that posts prompts to ComfyUI, follows the socket, and saves the picture. Keeps `depth` prompts in the queue. */
import { randomUUID } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import WebSocket from 'ws';
import { answer, ready } from '../support/process/answer.mjs';

const { COMFYUI_URL, FOLDER } = process.env;
const agent = new Agent({ keepAlive: true });
const clientId = randomUUID();
const ended = new Map();

const socket = new WebSocket(`${COMFYUI_URL.replace('http', 'ws')}/ws?clientId=${clientId}`);
socket.on('message', (data, isBinary) => {
  if (isBinary) return;
  const { type, data: content } = JSON.parse(data);
  if (type === 'execution_success') ended.get(content.prompt_id)?.();
});
await new Promise((resolve) => socket.once('open', resolve));
await mkdir(FOLDER, { recursive: true });

answer({
  /** Runs prompts of this graph. @returns the ms that each took, and the ms of all */
  async run({ graph, count, depth }) {
    const taken = [];
    let left = count;
    const start = performance.now();
    const client = async () => {
      while (left > 0) {
        left -= 1;
        taken.push(await job(graph));
      }
    };
    await Promise.all(Array.from({ length: depth }, client));
    return { taken, totalMs: performance.now() - start };
  },
});
process.on('exit', () => socket.terminate());
ready('');

async function job(graph) {
  const start = performance.now();
  const id = randomUUID();
  const end = new Promise((resolve) => ended.set(id, resolve));
  await ask('POST', '/prompt', JSON.stringify({ prompt: graph, prompt_id: id, client_id: clientId }));
  await end;
  ended.delete(id);
  const history = JSON.parse(await ask('GET', `/history/${id}`))[id];
  for (const { images = [] } of Object.values(history.outputs))
    for (const image of images) {
      const file = join(FOLDER, `${id}.png`);
      await writeFile(file, await ask('GET', `/view?${new URLSearchParams(image)}`));
      await rm(file);
    }
  return performance.now() - start;
}

function ask(method, path, body) {
  return new Promise((resolve, reject) => {
    const sent = request(`${COMFYUI_URL}${path}`, { method, agent, headers: { 'content-type': 'application/json' } });
    sent.on('error', reject);
    sent.on('response', async (response) => {
      const chunks = [];
      for await (const chunk of response) chunks.push(chunk);
      resolve(Buffer.concat(chunks));
    });
    sent.end(body);
  });
}
