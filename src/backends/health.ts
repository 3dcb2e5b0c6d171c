/** Whether a ComfyUI that answers also works: its HTTP may live on when its worker has died. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Queue } from '../comfyui/index.js';
import type { Timings } from '../timings.js';

const TAKES_NOTHING = 'It takes nothing from its queue';
const DOES_NOT_STOP = 'It does not stop what it was asked to stop';

export class Health {
  /** Since when each check has found it idle before a queue, in milliseconds of `performance`. */
  #idleSince: number | undefined;

  constructor(
    private readonly backendId: string,
    private readonly timings: Timings,
  ) {}

  /** Why it gets no work, though it answers; undefined where all is well. */
  async judge(em: SqlEntityManager, { queue_running, queue_pending }: Queue): Promise<string | undefined> {
    const isIdle = queue_running.length === 0 && queue_pending.length > 0;
    this.#idleSince = isIdle ? (this.#idleSince ?? performance.now()) : undefined;
    const [seen] = await em.execute<{ wasIdle: boolean; isDeaf: boolean }[]>(
      // One that was abandoned is left alone until somebody holds it, and nobody can while its backend is offline.
      `select coalesce(b.reason = ?, false) as "wasIdle", exists (
         select from prompts p
         where p.backend_id = b.id and p.ended_at is null and p.stop_asked_at < now() - ? * interval '1 ms'
           and (p.abandoned_at is null or p.lease_until > now())) as "isDeaf"
       from backends b where b.id = ?`,
      [TAKES_NOTHING, this.timings.deafBackendTimeoutMs, this.backendId],
    );
    // What another process, or an earlier one, has found out need not be waited for again.
    if (
      this.#idleSince !== undefined &&
      (seen?.wasIdle || performance.now() - this.#idleSince >= this.timings.idleBackendTimeoutMs)
    )
      return TAKES_NOTHING;
    return seen?.isDeaf ? DOES_NOT_STOP : undefined;
  }

  /** It did not answer: what was found before says nothing about what comes. */
  forget(): void {
    this.#idleSince = undefined;
  }
}
