/** Ends generations that wait for too long and that no job watches: for a backend to take them, or to come back and stop them. */
import type { MikroORM } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import { Repeating } from '../../process/repeating.js';
import type { Timings } from '../../process/timings.js';
import type { Updates } from '../live/updates.js';
import { cancelUnreachable, failOverdue } from '../transitions.js';

export class Patience {
  readonly #looking: Repeating;

  constructor(
    private readonly orm: MikroORM,
    private readonly updates: Updates,
    private readonly queueTimeoutSeconds: number,
    private readonly timings: Timings,
    logger: Logger,
  ) {
    this.#looking = new Repeating(
      timings.queueTimeoutIntervalMs,
      () => this.#look(),
      'look for generations that wait for too long',
      logger,
    );
  }

  open(): void {
    this.#looking.open();
  }

  close(): Promise<void> {
    return this.#looking.close();
  }

  async #look(): Promise<void> {
    const em = this.orm.em.fork();
    for (const generation of await failOverdue(em, this.queueTimeoutSeconds)) this.updates.publish(generation);
    for (const generation of await cancelUnreachable(em, this.timings.awayTimeoutMs)) this.updates.publish(generation);
  }
}
