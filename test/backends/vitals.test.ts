/** A ComfyUI that executes something shows signs of life: its queue, its words, its memory. */
import { Vitals } from '../../src/backends/vitals.js';
import type { QueueItem, SystemStats } from '../../src/comfyui/index.js';

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
const look = (vitals: Vitals, now: number, { running = ['a'], heardAt = 0, ...memory }: Seen = {}) =>
  vitals.look({
    queue: { queue_running: running.map((id) => item(id)), queue_pending: [item('b', 1)] },
    stats: stats(memory),
    heardAt,
    now,
  });
type Seen = { running?: string[]; heardAt?: number; ram?: number; vram?: number; torch?: number; type?: string };

test('one that is idle is not silent', () => {
  expect(look(new Vitals(), 1_000, { running: [] })).toBeUndefined();
});

test('the same prompt without a word is silent for as long as it is watched', () => {
  const vitals = new Vitals();
  look(vitals, 1_000);
  expect(look(vitals, 41_000)).toEqual({ silentMs: 40_000, isProven: false });
});

test.each<[string, Seen, number]>([
  ['another prompt runs', { running: ['c'] }, 0],
  ['a prompt was heard of', { heardAt: 40_500 }, 500],
  ['torch allocates a byte', { torch: GIB - 1 }, 0],
  ['a model is read into memory', { ram: 7 * GIB }, 0],
  ['the accelerator fills', { vram: 6 * GIB }, 0],
])('a sign of life: %s', (_, seen, silentMs) => {
  const vitals = new Vitals();
  look(vitals, 1_000);
  expect(look(vitals, 41_000, seen)).toEqual({ silentMs, isProven: true });
});

test.each<[string, Seen]>([
  ['other programs take some memory', { ram: 8 * GIB - 100 * MIB }],
  ['the desktop takes some of the accelerator', { vram: 8 * GIB - 100 * MIB }],
])('no sign of life: %s', (_, seen) => {
  const vitals = new Vitals();
  look(vitals, 1_000);
  expect(look(vitals, 41_000, seen)?.silentMs).toBe(40_000);
});

test('on a CPU torch’s figures are those of the machine, and their noise is no sign', () => {
  const vitals = new Vitals();
  look(vitals, 1_000, { type: 'cpu' });
  expect(look(vitals, 41_000, { type: 'cpu', torch: GIB - MIB })?.silentMs).toBe(40_000);
});

test('memory that moves slowly and far is a sign', () => {
  const vitals = new Vitals();
  for (let look_ = 0; look_ < 5; look_ += 1) look(vitals, 1_000 + look_, { ram: 8 * GIB - look_ * 100 * MIB });
  expect(look(vitals, 2_000, { ram: 8 * GIB - 400 * MIB })?.isProven).toBe(true);
});
