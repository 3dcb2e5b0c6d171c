/** Detects a ComfyUI that responds but does not work: its HTTP server may outlive its worker. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Queue, SystemStats } from '../../comfyui/index.js';
import type { Timings } from '../../process/timings.js';
import { Vitals } from './vitals.js';

const IDLE = 'ComfyUI does not start the prompts in its queue';
const SILENT = 'ComfyUI executes a prompt but shows no sign of life';
const INTERRUPT_IGNORED = 'ComfyUI does not stop a prompt that was canceled';

export class Health {
  /** Since when every check found prompts pending and none running, as milliseconds of `performance.now()`. */
  #idleSince: number | undefined;
  #vitals = new Vitals();

  constructor(
    private readonly backendId: string,
    private readonly timings: Timings,
  ) {}

  /** Returns the fault for which the backend gets no jobs; undefined if it works. */
  async check(
    em: SqlEntityManager,
    { queue, stats, lastPromptMessageAt }: { queue: Queue; stats: SystemStats; lastPromptMessageAt: number },
  ): Promise<string | undefined> {
    const { queue_running, queue_pending } = queue;
    const { idleBackendTimeoutMs, silentBackendTimeoutMs, interruptTimeoutMs } = this.timings;
    const now = performance.now();
    const isIdle = queue_running.length === 0 && queue_pending.length > 0;
    this.#idleSince = isIdle ? (this.#idleSince ?? now) : undefined;
    const [row] = await em.execute<
      { reason: string | null; isInterruptIgnored: boolean; progressAgeMs: number | null }[]
    >(
      // An abandoned prompt is not canceled until a process holds it, and none can while its backend is offline.
      `select b.reason, exists (
         select from prompts p
         where p.backend_id = b.id and p.ended_at is null and p.stop_asked_at < now() - ? * interval '1 ms'
           and (p.abandoned_at is null or p.lease_until > now())) as "isInterruptIgnored",
         -- Another process may receive the prompt's messages.
         (select extract(epoch from now() - max(p.progress_at)) * 1000 from prompts p
          where p.backend_id = b.id and p.ended_at is null)::float8 as "progressAgeMs"
       from backends b where b.id = ?`,
      [interruptTimeoutMs, this.backendId],
    );
    const progressAt = row?.progressAgeMs == null ? 0 : now - row.progressAgeMs;
    const messageAt = Math.max(lastPromptMessageAt, progressAt);
    const silence = this.#vitals.observe({ queue, stats, messageAt, now });
    // A fault that another or an earlier process has found needs no second timeout.
    const isKnown = (reason: string) => row?.reason === reason;
    if (this.#idleSince !== undefined && (isKnown(IDLE) || now - this.#idleSince >= idleBackendTimeoutMs)) return IDLE;
    if (silence && (silence.silentMs >= silentBackendTimeoutMs || (!silence.isProven && isKnown(SILENT))))
      return SILENT;
    return row?.isInterruptIgnored ? INTERRUPT_IGNORED : undefined;
  }

  /** ComfyUI did not respond and may restart: earlier observations no longer count. */
  reset(): void {
    this.#idleSince = undefined;
    this.#vitals = new Vitals();
  }
}
