/**
 * Signs of life of a ComfyUI that executes something. An exception outside of a node ends its worker thread for good: HTTP and sockets
 * live on, and the prompt is shown as running for ever. An honest node may be silent for long, too, but then memory moves.
 */
import type { Device, Queue, SystemStats } from '../comfyui/index.js';

const MIB = 1024 ** 2;
/** What other processes on the machine take and free is no sign. */
const NOISE_BYTES = 256 * MIB;

export type Look = {
  queue: Queue;
  stats: SystemStats;
  /** When anything was heard of a prompt, by whomever; milliseconds of `performance`. */
  heardAt: number;
  now: number;
};

export class Vitals {
  #running = '';
  #stats: SystemStats | undefined;
  #aliveAt = 0;
  #isProven = false;

  /** How long it has shown no sign of life, in milliseconds; `isProven` where there was one since it is watched. Undefined while idle. */
  look({ queue, stats, heardAt, now }: Look): { silentMs: number; isProven: boolean } | undefined {
    const running = queue.queue_running.map(([number, id]) => `${number} ${id}`).join();
    const isFirst = this.#stats === undefined;
    const hasMoved = this.#stats !== undefined && moves(this.#stats, stats);
    if (isFirst || running !== this.#running || hasMoved) {
      this.#aliveAt = now;
      this.#stats = stats;
      this.#isProven ||= !isFirst;
    }
    if (heardAt > this.#aliveAt) {
      this.#aliveAt = heardAt;
      this.#isProven = true;
    }
    this.#running = running;
    if (running === '') this.#isProven = true;
    return running === '' ? undefined : { silentMs: now - this.#aliveAt, isProven: this.#isProven };
  }
}

function moves(before: SystemStats, after: SystemStats): boolean {
  if (differs(before.system.ram_free, after.system.ram_free)) return true;
  return after.devices.some((device, nth) => {
    const old = before.devices[nth];
    return old !== undefined && (differs(old.vram_free, device.vram_free) || torchMoves(old, device));
  });
}

/** torch's own figures are of this process alone, but on a CPU and on MPS they are those of the whole machine. */
function torchMoves(before: Device, after: Device): boolean {
  if (after.type === 'cpu' || after.type === 'mps') return differs(before.torch_vram_free, after.torch_vram_free);
  return before.torch_vram_total !== after.torch_vram_total || before.torch_vram_free !== after.torch_vram_free;
}

const differs = (before: number, after: number): boolean => Math.abs(before - after) > NOISE_BYTES;
