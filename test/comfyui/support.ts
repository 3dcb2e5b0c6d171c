/** Helpers for tests of the client: clients and servers that are closed after each test, and reading a run. */
import { randomUUID } from 'node:crypto';
import {
  ComfyUI,
  type ComfyUIOptions,
  type ComfyUITimings,
  type Graph,
  type RunEvent,
} from '../../src/comfyui/index.js';
import { until } from '../support/until.js';
import { type StubResponse, type StubServer, startStub } from './server.js';

/** Closes what a test opened after it, newest first. Call it once at the top of a file. */
export function closing(): <T extends { close(): unknown }>(opened: T) => T {
  const open: { close(): unknown }[] = [];
  afterEach(async () => {
    for (const each of open.splice(0).reverse()) await each.close();
  });
  return (opened) => {
    open.push(opened);
    return opened;
  };
}

export type Keep = ReturnType<typeof closing>;

/** Short timeouts for tests that wait for them. */
export const SHORT = {
  inFlightTimeoutMs: 100,
  retryDelayMs: 10,
  maxRetryDelayMs: 50,
} satisfies Partial<ComfyUITimings>;

/** A client of the server at `url` with an open socket. */
export async function connected(keep: Keep, url: string, options: Partial<ComfyUIOptions> = {}): Promise<ComfyUI> {
  const comfyui = keep(new ComfyUI({ url, ...options, timings: { ...SHORT, ...options.timings } }));
  comfyui.connect();
  await until(() => comfyui.connected, 'the socket is open');
  return comfyui;
}

export async function stubbed(
  keep: Keep,
  responses: Record<string, StubResponse> = {},
  options: Partial<ComfyUIOptions> = {},
): Promise<{ stub: StubServer; comfyui: ComfyUI }> {
  const stub = keep(await startStub(responses));
  return { stub, comfyui: await connected(keep, stub.url, options) };
}

export type Started = {
  promptId: string;
  events: RunEvent[];
  /** The types of the events so far. */
  readonly types: RunEvent['type'][];
  /** The last event. Rejects with the error of the run. */
  end: Promise<Extract<RunEvent, { type: 'end' }>>;
  abort(reason?: unknown): void;
};

export type StartOptions = { promptId?: string; fresh?: boolean; beforeSubmit?: () => Promise<void> };

/** Runs a graph and collects its events. */
export function start(comfyui: ComfyUI, graph: Graph, options: StartOptions = {}): Started {
  const controller = new AbortController();
  const promptId = options.promptId ?? randomUUID();
  const events: RunEvent[] = [];
  const end = (async () => {
    for await (const event of comfyui.run(graph, { fresh: true, ...options, promptId, signal: controller.signal })) {
      events.push(event);
      if (event.type === 'end') return event;
    }
    throw new Error('The run stopped without an end');
  })();
  // A test that expects the failure awaits it later; one that does not still fails, at its `await end`.
  end.catch(() => undefined);
  return {
    promptId,
    events,
    get types() {
      return events.map(({ type }) => type);
    },
    end,
    abort: (reason) => controller.abort(reason),
  };
}

export const card = (prefix = 'card'): Graph => ({
  '1': { class_type: 'EmptyImage', inputs: { width: 64, height: 64, batch_size: 1, color: 0x3366cc } },
  '2': { class_type: 'ImageInvert', inputs: { image: ['1', 0] } },
  '3': { class_type: 'SaveImage', inputs: { images: ['2', 0], filename_prefix: prefix } },
});

/** A history entry as ComfyUI writes it. */
export function entry(promptId: string, last: [type: string, data: object], outputs: object = {}) {
  const isSuccess = last[0] === 'execution_success';
  return {
    [promptId]: {
      prompt: [1, promptId, card(), {}, ['3']],
      outputs,
      status: {
        status_str: isSuccess ? 'success' : 'error',
        completed: isSuccess,
        messages: [
          ['execution_start', { prompt_id: promptId, timestamp: 1 }],
          ['execution_cached', { nodes: [], prompt_id: promptId, timestamp: 1 }],
          [last[0], { prompt_id: promptId, timestamp: 2, ...last[1] }],
        ],
      },
      meta: {},
    },
  };
}

export const queued = (promptId: string, clientId = 'other') => [1, promptId, card(), { client_id: clientId }, ['3']];
