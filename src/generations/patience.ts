/** Ends generations that wait for too long and that no job watches: for a backend to take them, or to come back and stop them. */
import type { MikroORM } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import { cancelUnreachable, failOverdue } from './transitions.js';
import type { Updates } from './updates.js';

const LOOK_EVERY_MS = 2_000;

export class Patience {
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
      const em = this.orm.em.fork();
      for (const generation of await failOverdue(em, this.queueTimeoutSeconds)) this.updates.publish(generation);
      for (const generation of await cancelUnreachable(em)) this.updates.publish(generation);
    } catch (error) {
      this.logger.error({ err: error }, 'could not look for generations that wait for too long');
    }
  }
}
