/** Tells webhooks: one attempt is one POST. Only the status of the response counts, and nothing else of it is kept. */
import { codeOf } from '../../process/start-error.js';
import type { ClaimedDelivery } from '../claims.js';
import type { Outcome } from '../outcomes.js';
import type { Channel } from '../sender.js';
import { DestinationRefused, type Destinations } from './destinations.js';
import { toMessage } from './message.js';
import { post } from './post.js';

const GONE = 410;

export class WebhookChannel implements Channel {
  /** @param timeoutMs of an attempt, DNS included */
  constructor(
    private readonly destinations: Destinations,
    private readonly timeoutMs: number,
  ) {}

  async send(delivery: ClaimedDelivery, stop: AbortSignal): Promise<Outcome | undefined> {
    const timeout = AbortSignal.timeout(this.timeoutMs);
    const signal = AbortSignal.any([stop, timeout]);
    try {
      const url = new URL(delivery.url);
      const addresses = await this.destinations.resolve(url, signal);
      return outcomeOf(await post(url, addresses, toMessage(delivery), signal));
    } catch (error) {
      if (stop.aborted) return undefined;
      const message = timeout.aborted ? `No response within ${this.timeoutMs / 1000} seconds` : messageOf(error);
      return { isDelivered: false, status: null, error: message };
    }
  }
}

function outcomeOf(status: number): Outcome {
  if (status >= 200 && status < 300) return { isDelivered: true, status };
  const error = status < 400 ? `Status ${status}: redirects are not followed` : `Status ${status}`;
  return { isDelivered: false, status, error, isGone: status === GONE };
}

const messageOf = (error: unknown): string =>
  error instanceof DestinationRefused ? error.message : `The connection failed: ${codeOf(error) ?? 'unknown error'}`;
