/** Ends generations that no backend took in time. Those that have a place on one are watched by their jobs. */
import type { MikroORM } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import { failOverdue } from './transitions.js';
import type { Updates } from './updates.js';

const LOOK_EVERY_MS = 2_000;

export class QueueTimeout {
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;

  constructor(
    private readonly orm: MikroORM,
    private readonly updates: Updates,
    private readonly queueTimeoutSeconds: number,
    private readonly logger: Logger,
  ) {}

  open(): void {
    this.#timer = setInterval(() => {
      this.#looking ??= this.#look().finally(() => {
        this.#looking = undefined;
      });
    }, LOOK_EVERY_MS);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  async #look(): Promise<void> {
    try {
      const ended = await failOverdue(this.orm.em.fork(), this.queueTimeoutSeconds);
      for (const generation of ended) this.updates.publish(generation);
    } catch (error) {
      this.logger.error({ err: error }, 'could not look for generations that wait for too long');
    }
  }
}
