/**
 * Ends generations that no job watches: those that wait too long for a backend, and canceled ones whose backend stays offline.
 */
import type { MikroORM } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import { Repeating } from '../../process/repeating.js';
import type { Timings } from '../../process/timings.js';
import { changed, type MoveReport } from '../report-change.js';
import { cancelUnreachable, failOverdue } from '../transitions.js';

export class QueueTimeouts {
  readonly #polling: Repeating;

  constructor(
    private readonly orm: MikroORM,
    private readonly services: MoveReport,
    private readonly queueTimeoutSeconds: number,
    private readonly timings: Timings,
    logger: Logger,
  ) {
    this.#polling = new Repeating(
      timings.queueTimeoutIntervalMs,
      () => this.#endOverdue(),
      'end generations that have waited too long',
      logger,
    );
  }

  open(): void {
    this.#polling.open();
  }

  close(): Promise<void> {
    return this.#polling.close();
  }

  async #endOverdue(): Promise<void> {
    const em = this.orm.em.fork();
    for (const generation of await failOverdue(em, this.queueTimeoutSeconds))
      changed(generation, 'moved', this.services);
    for (const generation of await cancelUnreachable(em, this.timings.failoverTimeoutMs))
      changed(generation, 'moved', this.services);
  }
}
