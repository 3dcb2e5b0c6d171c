/**
 * Detects signs of life of a ComfyUI that executes a prompt. An exception outside of a node ends its worker thread for good: HTTP and
 * sockets still work, and the prompt stays in the queue as running. A node that works may be silent for long, too, but then memory moves.
 */
import type { Device, Queue, SystemStats } from '../../comfyui/index.js';

const MIB = 1024 ** 2;
/** Other processes on the machine take and free this much, so a smaller change is no sign of life. */
const NOISE_BYTES = 256 * MIB;

type VitalSigns = {
  queue: Queue;
  stats: SystemStats;
  /** When any process last received a message about a prompt, as milliseconds of `performance.now()`. */
  messageAt: number;
  now: number;
};

/** `isProven`: there was a sign of life since the monitor started. */
export type Silence = { silentMs: number; isProven: boolean };

export class Vitals {
  #running = '';
  #stats: SystemStats | undefined;
  #aliveAt = 0;
  #isProven = false;

  /** Returns how long ComfyUI has shown no sign of life; undefined if it executes nothing. */
  observe({ queue, stats, messageAt, now }: VitalSigns): Silence | undefined {
    const running = queue.queue_running.map(([number, id]) => `${number} ${id}`).join();
    const isFirst = this.#stats === undefined;
    const hasMoved = this.#stats !== undefined && hasMemoryMoved(this.#stats, stats);
    if (isFirst || running !== this.#running || hasMoved) {
      this.#aliveAt = now;
      this.#stats = stats;
      this.#isProven ||= !isFirst;
    }
    if (messageAt > this.#aliveAt) {
      this.#aliveAt = messageAt;
      this.#isProven = true;
    }
    this.#running = running;
    if (running === '') this.#isProven = true;
    return running === '' ? undefined : { silentMs: now - this.#aliveAt, isProven: this.#isProven };
  }
}

function hasMemoryMoved(before: SystemStats, after: SystemStats): boolean {
  if (differs(before.system.ram_free, after.system.ram_free)) return true;
  return after.devices.some((device, index) => {
    const old = before.devices[index];
    return old !== undefined && (differs(old.vram_free, device.vram_free) || hasTorchMoved(old, device));
  });
}

/** torch reports its own process, except on a CPU and on MPS: there it reports the whole machine. */
function hasTorchMoved(before: Device, after: Device): boolean {
  if (after.type === 'cpu' || after.type === 'mps') return differs(before.torch_vram_free, after.torch_vram_free);
  return before.torch_vram_total !== after.torch_vram_total || before.torch_vram_free !== after.torch_vram_free;
}

const differs = (before: number, after: number): boolean => Math.abs(before - after) > NOISE_BYTES;
