/**
 * What this process counts, for Prometheus: since its start, and apart from other servers on the same database. Counting is a few additions in
 * memory. A label has one of a few values that this program chooses: no label contains a text of a user, an id or an address.
 */
import { Counter, Histogram, Registry } from 'prom-client';
import type { DeliveryMetrics } from '../deliveries/outcomes.js';
import type { Ended, GenerationMetrics, Phase } from '../generations/generation-metrics.js';

/** Of jobs, in seconds: from a picture of a small model to a long video. */
const JOB_SECONDS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600];
/** Of requests, in seconds. */
const REQUEST_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

export class Metrics implements GenerationMetrics, DeliveryMetrics {
  readonly registry = new Registry();

  readonly #created = new Counter({
    name: 'comfygraph_generations_created_total',
    help: 'Generations that this process has created.',
    registers: [this.registry],
  });
  readonly #ended = new Counter({
    name: 'comfygraph_generations_ended_total',
    help: 'Generations that this process has ended, by status, failure code and built-in workflow (else custom); without those that ended because an account was disabled or deleted.',
    labelNames: ['status', 'failure', 'workflow'] as const,
    registers: [this.registry],
  });
  readonly #phases = new Histogram({
    name: 'comfygraph_generation_phase_seconds',
    help: 'Time of generations: queued until their first claim, submitting until ComfyUI has the prompt, executing by the clock of ComfyUI, saving from the end in ComfyUI until COMPLETED.',
    labelNames: ['phase'] as const,
    buckets: JOB_SECONDS,
    registers: [this.registry],
  });
  readonly #attempts = new Counter({
    name: 'comfygraph_delivery_attempts_total',
    help: 'Attempts to deliver an event to a webhook, by their end: delivered, retried (later), or failed (given up).',
    labelNames: ['end'] as const,
    registers: [this.registry],
  });
  readonly #requests = new Counter({
    name: 'comfygraph_http_requests_total',
    help: 'HTTP requests that have ended, by route and status.',
    labelNames: ['route', 'status'] as const,
    registers: [this.registry],
  });
  readonly #requestSeconds = new Histogram({
    name: 'comfygraph_http_request_duration_seconds',
    help: 'Time from the head of an HTTP request until its response is sent or its connection closes, by route; without event streams.',
    labelNames: ['route'] as const,
    buckets: REQUEST_SECONDS,
    registers: [this.registry],
  });
  readonly #operations = new Histogram({
    name: 'comfygraph_graphql_operation_duration_seconds',
    help: 'Time of GraphQL queries and mutations over all transports. The type is `none` without an operation that could be chosen.',
    labelNames: ['type'] as const,
    buckets: REQUEST_SECONDS,
    registers: [this.registry],
  });
  readonly #errors = new Counter({
    name: 'comfygraph_graphql_errors_total',
    help: 'GraphQL operations with an error, once for each code among their errors.',
    labelNames: ['code'] as const,
    registers: [this.registry],
  });

  constructor() {
    // A rate needs a first value: these series exist before the first fault.
    for (const code of ['INTERNAL_SERVER_ERROR', 'RATE_LIMITED', 'QUOTA_EXCEEDED']) this.#errors.inc({ code }, 0);
  }

  created(): void {
    this.#created.inc();
  }

  ended({ status, failureCode, builtIn }: Ended): void {
    this.#ended.inc({ status, failure: failureCode ?? 'none', workflow: builtIn ?? 'custom' });
  }

  spent(phase: Phase, seconds: number): void {
    this.#phases.observe({ phase }, seconds);
  }

  attempted(end: Parameters<DeliveryMetrics['attempted']>[0]): void {
    this.#attempts.inc({ end });
  }

  /** @param seconds undefined for an event stream, which lasts as long as its client wants */
  requested(route: string, status: number, seconds: number | undefined): void {
    this.#requests.inc({ route, status });
    if (seconds !== undefined) this.#requestSeconds.observe({ route }, seconds);
  }

  /** @param codes of its errors */
  operated(type: string | undefined, seconds: number, codes: Iterable<unknown>): void {
    if (type !== 'subscription') this.#operations.observe({ type: type ?? 'none' }, seconds);
    for (const code of codes) this.#errors.inc({ code: String(code) });
  }
}
