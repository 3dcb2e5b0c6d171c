/**
 * What all servers on one database share, read from it by one statement when Prometheus asks: every server reports the same values, so they
 * must not be summed over servers. Without a response of PostgreSQL these values are absent, and `comfygraph_database_up` is 0.
 */
import { setTimeout } from 'node:timers/promises';
import { Gauge, type Registry } from 'prom-client';
import { BackendState } from '../backends/backend.js';
import type { SqlRunner } from '../db/reads.js';
import { sqlArray } from '../db/sql-array.js';
import { LATENESS } from '../deliveries/lateness.js';
import { ALL_WAITING } from '../runner/turns.js';

/** Prometheus gives up after ten seconds, and the values of this process are worth more than none. */
const TIMEOUT_MS = 2_000;

type Shared = {
  waiting: number;
  oldestSeconds: number;
  lateSeconds: number | null;
  submitted: number;
  executing: number;
  backends: { name: string; state: BackendState; running: number; pending: number }[];
};

const READ = `
  select ${ALL_WAITING} as waiting,
    coalesce((select extract(epoch from now() - min(created_at)) from generations where waiting), 0)::float8 as "oldestSeconds",
    ${LATENESS} as "lateSeconds", prompts.*,
    (select coalesce(json_agg(json_build_object('name', name, 'state', state, 'running', running, 'pending', pending)), '[]')
     from backends where id = any(?::uuid[])) as backends
  from (
    select count(*) filter (where g.started_at is null)::int as submitted, count(*) filter (where g.started_at is not null)::int as executing
    from prompts p join generations g on g.id = p.generation_id where p.ended_at is null and p.abandoned_at is null) prompts`;

export class SharedGauges {
  readonly #up: Gauge;
  readonly #waiting: Gauge;
  readonly #oldest: Gauge;
  readonly #late: Gauge;
  readonly #running: Gauge<'state'>;
  readonly #backends: Gauge<'backend' | 'state'>;
  readonly #prompts: Gauge<'backend' | 'state'>;

  constructor(
    registry: Registry,
    private readonly reads: SqlRunner,
    private readonly backendIds: () => readonly string[],
  ) {
    const gauge = <Label extends string = never>(name: string, help: string, labelNames: Label[] = []) =>
      new Gauge<Label>({ name: `comfygraph_${name}`, help, labelNames, registers: [registry] });
    this.#up = gauge('database_up', `Whether PostgreSQL responded within ${TIMEOUT_MS} ms.`);
    this.#waiting = gauge('generations_waiting', 'Generations that wait in PostgreSQL. The same on every server.');
    this.#oldest = gauge(
      'generations_oldest_waiting_seconds',
      'Age of the oldest generation that waits in PostgreSQL; 0 if none waits. The same on every server.',
    );
    this.#late = gauge(
      'deliveries_late_seconds',
      'For how long the most overdue delivery to a webhook has been due; 0 if none is due. The same on every server.',
    );
    this.#running = gauge(
      'generations_running',
      'Generations that ComfyUIs hold: submitted to the queue of one, or executing. The same on every server.',
      ['state'],
    );
    this.#backends = gauge('backend_state', '1 for the state that a ComfyUI has, else 0. The same on every server.', [
      'backend',
      'state',
    ]);
    this.#prompts = gauge(
      'backend_prompts',
      'Prompts in the queue of a ComfyUI, also of other clients: running or pending. The same on every server.',
      ['backend', 'state'],
    );
  }

  async refresh(): Promise<void> {
    const timeout = setTimeout(TIMEOUT_MS, undefined, { ref: false });
    const shared = await Promise.race([this.#read().catch(() => undefined), timeout]);
    this.#up.set(shared ? 1 : 0);
    for (const each of [this.#waiting, this.#oldest, this.#late, this.#running, this.#backends, this.#prompts])
      each.reset();
    if (shared) return this.#set(shared);
    // An unlabeled gauge is reset to 0, which would be a claim.
    for (const each of [this.#waiting, this.#oldest, this.#late]) each.remove();
  }

  async #read(): Promise<Shared | undefined> {
    const [shared] = await this.reads.execute<Shared[]>(READ, [sqlArray(this.backendIds())]);
    return shared;
  }

  #set({ waiting, oldestSeconds, lateSeconds, submitted, executing, backends }: Shared): void {
    this.#waiting.set(waiting);
    this.#oldest.set(oldestSeconds);
    this.#late.set(lateSeconds ?? 0);
    this.#running.set({ state: 'submitted' }, submitted);
    this.#running.set({ state: 'executing' }, executing);
    for (const { name: backend, state: actual, running, pending } of backends) {
      for (const state of Object.values(BackendState)) this.#backends.set({ backend, state }, state === actual ? 1 : 0);
      this.#prompts.set({ backend, state: 'running' }, running);
      this.#prompts.set({ backend, state: 'pending' }, pending);
    }
  }
}
