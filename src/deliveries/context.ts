/** The slice of an operation's context that deliveries use. */
import type { ViewerContext } from '../accounts/context.js';
import type { RateLimits } from '../limits/rate-limits.js';
import type { Destinations } from './webhooks/destinations.js';

export type DeliveriesContext = ViewerContext & { rateLimits: RateLimits; destinations: Destinations };
