import { randomUUID } from 'node:crypto';
import { until } from '../../support/until.js';
import type { StubServer } from '../server.js';
import { closing, entry, queued, stubbed } from '../support.js';

const keep = closing();
const promptId = randomUUID();
const never = new AbortController().signal;

type Where = 'pending' | 'running' | 'ended' | 'nowhere';

/** A server that moves the prompt to the next location whenever `moves` returns true for a request. */
async function serverWhere(places: Where[], moves: (route: string, json: Record<string, unknown>) => boolean) {
  const remaining = [...places];
  const { stub, comfyui } = await stubbed(keep);
  const at = () => remaining[0];
  const post = (route: string) => {
    stub.responses[route] = ({ json, response }) => {
      if (remaining.length > 1 && moves(route, json)) remaining.shift();
      response.end();
    };
  };
  post('POST /queue');
  post('POST /interrupt');
  stub.responses['GET /queue'] = () => ({
    queue_running: at() === 'running' ? [queued(promptId)] : [queued('a stranger')],
    queue_pending: at() === 'pending' ? [queued(promptId), queued('another stranger')] : [],
  });
  stub.responses['GET /history'] = () => (at() === 'ended' ? entry(promptId, ['execution_interrupted', {}]) : {});
  return { stub, comfyui };
}

const sent = (stub: StubServer) =>
  stub.calls.filter(({ route }) => route.startsWith('POST')).map(({ route, json }) => [route, json]);

const dequeue = ['POST /queue', { delete: [promptId] }];
const interrupt = ['POST /interrupt', { prompt_id: promptId }];

test('a pending prompt is deleted, and no interrupt is sent', async () => {
  const { stub, comfyui } = await serverWhere(['pending', 'nowhere'], () => true);
  expect(await comfyui.cancel(promptId, never)).toBe('gone');
  expect(sent(stub)).toEqual([dequeue]);
});

test('a running prompt is interrupted by its id', async () => {
  const { stub, comfyui } = await serverWhere(['running', 'ended'], () => true);
  expect(await comfyui.cancel(promptId, never)).toBe('ended');
  expect(sent(stub)).toEqual([interrupt]);
});

test('a prompt that starts just as it is deleted is interrupted', async () => {
  const { stub, comfyui } = await serverWhere(['pending', 'running', 'ended'], () => true);
  expect(await comfyui.cancel(promptId, never)).toBe('ended');
  expect(sent(stub)).toEqual([dequeue, interrupt]);
});

test('an interrupt that ComfyUI ignored is repeated', async () => {
  let interrupts = 0;
  const { stub, comfyui } = await serverWhere(['running', 'ended'], () => ++interrupts === 3);
  expect(await comfyui.cancel(promptId, never)).toBe('ended');
  expect(sent(stub)).toEqual([interrupt, interrupt, interrupt]);
});

test('a prompt that has ended is not changed', async () => {
  const { stub, comfyui } = await serverWhere(['ended'], () => true);
  expect(await comfyui.cancel(promptId, never)).toBe('ended');
  expect(sent(stub)).toEqual([]);
});

test('a prompt that was never found is gone only after inFlightTimeoutMs, because it may still arrive', async () => {
  const { stub, comfyui } = await serverWhere(['nowhere'], () => true);
  expect(await comfyui.cancel(promptId, never)).toBe('gone');
  expect(stub.count('GET /queue')).toBe(2);
});

test('a prompt that arrives late is deleted', async () => {
  const { stub, comfyui } = await serverWhere(['nowhere'], () => true);
  let isPending = false;
  stub.responses['GET /history'] = () => {
    // The prompt arrives right after the first check.
    isPending ||= stub.count('GET /history') === 1;
    return {};
  };
  stub.responses['GET /queue'] = () => ({ queue_running: [], queue_pending: isPending ? [queued(promptId)] : [] });
  stub.responses['POST /queue'] = ({ response }) => {
    isPending = false;
    response.end();
  };
  expect(await comfyui.cancel(promptId, never)).toBe('gone');
  expect(sent(stub)).toEqual([dequeue]);
});

test('both copies of a prompt that was submitted twice are canceled', async () => {
  const { stub, comfyui } = await stubbed(keep);
  let copies = 3;
  stub.responses['GET /queue'] = () => ({ queue_running: [], queue_pending: Array(copies).fill(queued(promptId)) });
  stub.responses['POST /queue'] = ({ response }) => {
    copies -= 1;
    response.end();
  };
  expect(await comfyui.cancel(promptId, never)).toBe('gone');
  expect(copies).toBe(0);
});

test('canceling retries until an unreachable server responds', async () => {
  const { stub, comfyui } = await serverWhere(['pending', 'nowhere'], () => true);
  const answer = stub.responses['GET /queue'];
  stub.responses['GET /queue'] = ({ response }) => void response.writeHead(500).end('trouble');
  const canceled = comfyui.cancel(promptId, never);
  await until(() => stub.count('GET /queue') > 1, 'more than one check');
  stub.responses['GET /queue'] = answer ?? (() => undefined);
  expect(await canceled).toBe('gone');
});

test('canceling a node that ignores interrupts continues until the signal aborts', async () => {
  const { stub, comfyui } = await serverWhere(['running'], () => true);
  const controller = new AbortController();
  const canceled = comfyui.cancel(promptId, controller.signal);
  const outcome = canceled.catch((error: unknown) => error);
  await until(() => stub.count('POST /interrupt') > 1, 'more than one interrupt');
  controller.abort('enough');
  expect(await outcome).toBe('enough');
});
