/** Signs of life of a ComfyUI that executes a prompt: its queue, its messages, its memory. */
import { Vitals } from '../../../src/backends/monitor/vitals.js';
import type { QueueItem, SystemStats } from '../../../src/comfyui/index.js';

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;

const item = (id: string, number = 0): QueueItem => [number, id, {}, {}, []];
const stats = ({ ram = 8 * GIB, vram = 8 * GIB, torch = GIB, type = 'cuda' } = {}): SystemStats => ({
  system: { os: 'linux', ram_total: 16 * GIB, ram_free: ram, comfyui_version: '0.3.64' },
  devices: [
    {
      name: type,
      type,
      index: 0,
      vram_total: 16 * GIB,
      vram_free: vram,
      torch_vram_total: GIB,
      torch_vram_free: torch,
    },
  ],
});
const observe = (vitals: Vitals, now: number, { running = ['a'], messageAt = 0, ...memory }: Signs = {}) =>
  vitals.observe({
    queue: { queue_running: running.map((id) => item(id)), queue_pending: [item('b', 1)] },
    stats: stats(memory),
    messageAt,
    now,
  });
type Signs = { running?: string[]; messageAt?: number; ram?: number; vram?: number; torch?: number; type?: string };

test('an idle ComfyUI is not silent', () => {
  expect(observe(new Vitals(), 1_000, { running: [] })).toBeUndefined();
});

test('a running prompt without messages is silent since the first observation', () => {
  const vitals = new Vitals();
  observe(vitals, 1_000);
  expect(observe(vitals, 41_000)).toEqual({ silentMs: 40_000, isProven: false });
});

test.each<[string, Signs, number]>([
  ['another prompt runs', { running: ['c'] }, 0],
  ['a message about a prompt was received', { messageAt: 40_500 }, 500],
  ['torch allocates a byte', { torch: GIB - 1 }, 0],
  ['a model is read into memory', { ram: 7 * GIB }, 0],
  ['the accelerator fills', { vram: 6 * GIB }, 0],
])('a sign of life: %s', (_, seen, silentMs) => {
  const vitals = new Vitals();
  observe(vitals, 1_000);
  expect(observe(vitals, 41_000, seen)).toEqual({ silentMs, isProven: true });
});

test.each<[string, Signs]>([
  ['other programs take some memory', { ram: 8 * GIB - 100 * MIB }],
  ['the desktop takes some of the accelerator', { vram: 8 * GIB - 100 * MIB }],
])('no sign of life: %s', (_, seen) => {
  const vitals = new Vitals();
  observe(vitals, 1_000);
  expect(observe(vitals, 41_000, seen)?.silentMs).toBe(40_000);
});

test('on a CPU torch reports the memory of the whole machine, and small changes are no sign of life', () => {
  const vitals = new Vitals();
  observe(vitals, 1_000, { type: 'cpu' });
  expect(observe(vitals, 41_000, { type: 'cpu', torch: GIB - MIB })?.silentMs).toBe(40_000);
});

test('slow changes of memory add up to a sign of life', () => {
  const vitals = new Vitals();
  for (let step = 0; step < 5; step += 1) observe(vitals, 1_000 + step, { ram: 8 * GIB - step * 100 * MIB });
  expect(observe(vitals, 2_000, { ram: 8 * GIB - 400 * MIB })?.isProven).toBe(true);
});
