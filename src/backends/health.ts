/** Whether a ComfyUI that answers also works: its HTTP may live on when its worker has died. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Queue, SystemStats } from '../comfyui/index.js';
import type { Timings } from '../process/timings.js';
import { Vitals } from './vitals.js';

const TAKES_NOTHING = 'It takes nothing from its queue';
const GIVES_NO_SIGN = 'It executes a prompt and gives no sign of life';
const DOES_NOT_STOP = 'It does not stop what it was asked to stop';

export class Health {
  /** Since when each check has found it idle before a queue, in milliseconds of `performance`. */
  #idleSince: number | undefined;
  #vitals = new Vitals();

  constructor(
    private readonly backendId: string,
    private readonly timings: Timings,
  ) {}

  /** Why it gets no work, though it answers; undefined where all is well. `heardAt`: when its socket last told of a prompt. */
  async judge(
    em: SqlEntityManager,
    { queue, stats, heardAt }: { queue: Queue; stats: SystemStats; heardAt: number },
  ): Promise<string | undefined> {
    const { queue_running, queue_pending } = queue;
    const { idleBackendTimeoutMs, silentBackendTimeoutMs, deafBackendTimeoutMs } = this.timings;
    const now = performance.now();
    const isIdle = queue_running.length === 0 && queue_pending.length > 0;
    this.#idleSince = isIdle ? (this.#idleSince ?? now) : undefined;
    const [seen] = await em.execute<{ reason: string | null; isDeaf: boolean; spokeMs: number | null }[]>(
      // One that was abandoned is left alone until somebody holds it, and nobody can while its backend is offline.
      `select b.reason, exists (
         select from prompts p
         where p.backend_id = b.id and p.ended_at is null and p.stop_asked_at < now() - ? * interval '1 ms'
           and (p.abandoned_at is null or p.lease_until > now())) as "isDeaf",
         -- Another process may be the one that hears of a prompt.
         (select extract(epoch from now() - max(p.progress_at)) * 1000 from prompts p
          where p.backend_id = b.id and p.ended_at is null)::float8 as "spokeMs"
       from backends b where b.id = ?`,
      [deafBackendTimeoutMs, this.backendId],
    );
    const spokeAt = seen?.spokeMs == null ? 0 : now - seen.spokeMs;
    const vitals = this.#vitals.look({ queue, stats, heardAt: Math.max(heardAt, spokeAt), now });
    // What another process, or an earlier one, has found out need not be waited for again.
    const isKnown = (reason: string) => seen?.reason === reason;
    if (this.#idleSince !== undefined && (isKnown(TAKES_NOTHING) || now - this.#idleSince >= idleBackendTimeoutMs))
      return TAKES_NOTHING;
    if (vitals && (vitals.silentMs >= silentBackendTimeoutMs || (!vitals.isProven && isKnown(GIVES_NO_SIGN))))
      return GIVES_NO_SIGN;
    return seen?.isDeaf ? DOES_NOT_STOP : undefined;
  }

  /** It did not answer: what was found before says nothing about what comes. */
  forget(): void {
    this.#idleSince = undefined;
    this.#vitals = new Vitals();
  }
}
