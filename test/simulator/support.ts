/** Shared by the simulator's tests: simulators and sockets that close after each test, and prompts. */
import { randomUUID } from 'node:crypto';
import { WebSocket } from 'ws';
import type { Graph, HistoryEntry, PromptRequest, Queue } from '../../src/comfyui/protocol/protocol.js';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/index.js';
import { freePort } from '../support/free-port.js';
import { until } from '../support/until.js';

const opened: { close(): unknown }[] = [];

/** Each test file calls it: this module is loaded once per worker, so a hook of its own would run for the first file alone. */
export function closeAfterEach(): void {
  afterEach(async () => {
    for (const each of opened.splice(0).reverse()) await each.close();
  });
}

/** Starts a simulator whose steps take no time. */
export async function start(options: SimulatorOptions = {}): Promise<Simulator> {
  const simulator = await startSimulator({ stepMs: 0, previewSize: 64, port: await freePort(), ...options });
  opened.push(simulator);
  return simulator;
}

export type Frame = string | Buffer;

/** A socket that records all frames. */
export class Listener {
  readonly socket: WebSocket;
  readonly frames: Frame[] = [];
  closed = false;

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data: Buffer, isBinary) => this.frames.push(isBinary ? data : String(data)));
    socket.on('close', () => {
      this.closed = true;
    });
    socket.on('error', () => {});
  }

  /** JSON messages, without garbage. */
  get messages(): { type: string; data: Record<string, unknown> }[] {
    return this.frames
      .filter((frame) => typeof frame === 'string' && frame.startsWith('{"type"'))
      .map((frame) => JSON.parse(String(frame)));
  }

  types(): string[] {
    return this.messages.map((message) => message.type);
  }

  of(type: string): Record<string, unknown>[] {
    return this.messages.filter((message) => message.type === type).map((message) => message.data);
  }

  hears(type: string, count = 1): Promise<unknown> {
    return until(() => this.types().filter((each) => each === type).length >= count, `${count} × ${type}`);
  }

  /** Waits for the last message of a prompt. */
  hearsEnd(promptId: string): Promise<unknown> {
    return until(
      () => this.of('executing').some((data) => data.node === null && data.prompt_id === promptId),
      `the end of ${promptId}`,
    );
  }

  close(): Promise<void> {
    this.socket.terminate();
    return until(() => this.closed, 'the socket to close').then(() => {});
  }
}

/** Resolves after the first status, and with `flags` after the server's feature flags. */
export async function listen(simulator: Simulator, clientId: string = randomUUID(), flags?: object): Promise<Listener> {
  const socket = new WebSocket(`${simulator.url.replace('http', 'ws')}/ws?clientId=${clientId}`);
  const listener = new Listener(socket);
  opened.push(listener);
  await listener.hears('status');
  if (flags) {
    socket.send(JSON.stringify({ type: 'feature_flags', data: flags }));
    await listener.hears('feature_flags');
  }
  return listener;
}

export const withPreviews = { supports_preview_metadata: true };

export async function call(
  simulator: Simulator,
  path: string,
  body?: unknown,
): Promise<{ status: number; text: string; body: Record<string, unknown> }> {
  const init =
    body === undefined ? {} : { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) };
  const response = await fetch(simulator.url + path, init);
  const text = await response.text();
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    parsed = undefined;
  }
  return { status: response.status, text, body: parsed as Record<string, unknown> };
}

/** Submits a graph. Resolves to its prompt id; throws when it is rejected. */
export async function submit(
  simulator: Simulator,
  prompt: Graph,
  more: Omit<PromptRequest, 'prompt'> = {},
): Promise<string> {
  const { status, text, body } = await call(simulator, '/prompt', { prompt, prompt_id: randomUUID(), ...more });
  if (status !== 200) throw new Error(`The prompt was rejected: ${text}`);
  return String(body.prompt_id);
}

export async function entry(simulator: Simulator, promptId: string): Promise<HistoryEntry | undefined> {
  const { body } = await call(simulator, `/history/${promptId}`);
  return body[promptId] as HistoryEntry | undefined;
}

/** Resolves to the history entry when the prompt has ended. */
export function finished(simulator: Simulator, promptId: string): Promise<HistoryEntry> {
  return until(() => entry(simulator, promptId), `${promptId} to end`);
}

export async function run(simulator: Simulator, prompt: Graph, more: Omit<PromptRequest, 'prompt'> = {}) {
  return await finished(simulator, await submit(simulator, prompt, more));
}

export async function queue(simulator: Simulator): Promise<Queue> {
  return (await call(simulator, '/queue')).body as Queue;
}

let distinct = 0;

/** EmptyImage → SaveImage. Each call uses a new colour, so that nothing is cached. */
export function card({ prefix = 'card', color = ++distinct, width = 32, height = 32 } = {}): Graph {
  return {
    '1': { class_type: 'EmptyImage', inputs: { width, height, batch_size: 1, color } },
    '3': { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: prefix } },
  };
}

export type TextToImage = {
  text?: string;
  negative?: string;
  seed?: number | string;
  steps?: number;
  width?: number;
  height?: number;
  batch?: number;
  checkpoint?: string;
  prefix?: string;
};

export function textToImage(input: TextToImage = {}): Graph {
  const {
    text = 'a beautiful landscape',
    negative = '',
    seed = ++distinct,
    steps = 3,
    width = 64,
    height = 64,
  } = input;
  const { batch = 1, checkpoint = 'stable-diffusion-1.5.safetensors', prefix = 'picture' } = input;
  return {
    '4': { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: checkpoint } },
    '5': { class_type: 'EmptyLatentImage', inputs: { width, height, batch_size: batch } },
    '6': { class_type: 'CLIPTextEncode', inputs: { text, clip: ['4', 1] } },
    '7': { class_type: 'CLIPTextEncode', inputs: { text: negative, clip: ['4', 1] } },
    '3': {
      class_type: 'KSampler',
      inputs: {
        model: ['4', 0],
        seed,
        steps,
        cfg: 7,
        sampler_name: 'euler',
        scheduler: 'normal',
        positive: ['6', 0],
        negative: ['7', 0],
        latent_image: ['5', 0],
        denoise: 1,
      },
    },
    '8': { class_type: 'VAEDecode', inputs: { samples: ['3', 0], vae: ['4', 2] } },
    '9': { class_type: 'SaveImage', inputs: { images: ['8', 0], filename_prefix: prefix } },
  };
}

/** Fetches a file that a node of a finished prompt saved. */
export async function picture(
  simulator: Simulator,
  { outputs }: HistoryEntry,
  node: string,
  index = 0,
): Promise<Buffer> {
  const item = outputs[node]?.images?.[index] as Record<string, string> | undefined;
  if (!item) throw new Error(`Node ${node} saved no picture ${index}`);
  const response = await fetch(`${simulator.url}/view?${new URLSearchParams(item)}`);
  if (response.status !== 200) throw new Error(`${response.status} for ${JSON.stringify(item)}`);
  return Buffer.from(await response.arrayBuffer());
}
