/**
 * Inserts new generations. Those that arrive while one statement runs are inserted together by the next: one round trip and one flush to
 * disk for all of them.
 */
import { routeOf } from '../../backends/needs.js';
import type { SqlRunner } from '../../db/reads.js';
import { collected } from '../../process/collected.js';
import { codeOf } from '../../process/start-error.js';
import { SAVE_ROUTES } from '../../runner/routes.js';
import { ALL_WAITING, lockTurns } from '../../runner/turns.js';
import { GENERATION_COLUMNS, type GenerationRow, WITHOUT_PROGRESS } from '../generation-rows.js';
import type { Draft } from './draft.js';

export type NewGeneration = {
  id: string;
  userId: string;
  draft: Draft;
  rank: number;
  /** The storage keys of the input files, by the name of the input. */
  inputFiles: Record<string, string>;
  /** Told when it ends. */
  webhookUrl: string | null;
  idempotencyKey: string | null;
  /** In hexadecimal digits. */
  inputHash: string | null;
  /** The id of the generation that this one retries. */
  retryOfId: string | null;
  /** How many of the user's generations may wait; null means no limit. */
  maxWaiting: number | null;
  /** How many generations of all users may wait. */
  maxAllWaiting: number;
};

/**
 * Without a row, nothing was inserted: the account is disabled, the idempotency key is in use, or a queue was full before the batch or
 * became full by it.
 */
type InsertOutcome = QueueState & { row: GenerationRow | undefined };

/** As it was before the batch. */
export type QueueState = { isEnabled: boolean; ownWaiting: number; allWaiting: number };

const MAX_BATCH = 100;
const DEADLOCK = '40P01';
/** After deadlocks. */
const MAX_RETRIES = 3;
/** Routes are digests: the needs of a saved one never change. */
const MAX_KNOWN_ROUTES = 10_000;

/**
 * One transaction inserts the batch. The locks on accounts make a concurrent `disableUser` wait, which then sees the new rows; the locks on
 * turns make the count of each user's waiting generations exact over all servers. The count of all users' may be exceeded by concurrent
 * batches.
 */
const INSERT = `
  with new as materialized (
    select * from jsonb_to_recordset(?) as n (
      nth int, id uuid, user_id uuid, prompt text, negative_prompt text, workflow_name text, workflow_version int, workflow_id uuid, model_id uuid, seed numeric,
      parameters jsonb, input_files jsonb, webhook_url text, rank smallint, route text, idempotency_key text, input_hash text, retry_of_id uuid, max_waiting int,
      max_all_waiting int)),
  route as (${SAVE_ROUTES}),
  account as materialized (
    select id from users where id in (select user_id from new) and disabled_at is null and deleted_at is null order by id for share),
  turn as (${lockTurns('(select id from account order by id) a')}),
  queue as materialized (
    select new.nth, new.id, turn.waiting, ${ALL_WAITING} as all_waiting,
      turn.waiting + row_number() over (partition by new.user_id order by new.nth) as place, new.max_waiting, new.max_all_waiting
    from new join turn on turn.user_id = new.user_id),
  g as (
    insert into generations (id, user_id, prompt, negative_prompt, workflow_name, workflow_version, workflow_id, model_id, seed, parameters, input_files,
      webhook_url, rank, route, idempotency_key, input_hash, retry_of_id)
    select new.id, new.user_id, prompt, negative_prompt, workflow_name, workflow_version, workflow_id, model_id, seed, parameters, input_files,
      webhook_url, rank, route, idempotency_key, decode(input_hash, 'hex'), retry_of_id
    from new join queue on queue.id = new.id
    where queue.place <= coalesce(queue.max_waiting, queue.place) and queue.all_waiting + queue.nth <= queue.max_all_waiting
      -- The conflict would wait for a transaction that moves the earlier generation, and that one for the turn.
      and not exists (select from generations earlier where earlier.user_id = new.user_id and earlier.idempotency_key = new.idempotency_key
        and earlier.deleted_at is null)
    order by new.nth on conflict do nothing returning *),
  input as (
    insert into generation_inputs (generation_id, file) select distinct g.id, each.value from g cross join jsonb_each_text(g.input_files) each)
  select queue.id is not null as "isEnabled", coalesce(queue.waiting, 0) as "ownWaiting", coalesce(queue.all_waiting, 0) as "allWaiting",
    ${GENERATION_COLUMNS}
  from new left join queue on queue.id = new.id left join g on g.id = new.id ${WITHOUT_PROGRESS} order by new.nth`;

export class Inserts {
  readonly #savedRoutes = new Set<string>();

  readonly insert = collected((batch: readonly NewGeneration[]) => this.#insert(batch), MAX_BATCH);

  /** @param sql prepares the statement: to plan it takes longer than to insert a few generations */
  constructor(private readonly sql: SqlRunner) {}

  /** Never rejects: returns an error for each generation that it is about. */
  async #insert(batch: readonly NewGeneration[], retries = MAX_RETRIES): Promise<(InsertOutcome | Error)[]> {
    try {
      return await this.#execute(batch);
    } catch (error) {
      if (codeOf(error) === DEADLOCK && retries > 0) return await this.#insert(batch, retries - 1);
      // An error that rolled the transaction back is about one of them: each is then inserted alone.
      if (batch.length > 1 && isRolledBack(error)) {
        const outcomes: (InsertOutcome | Error)[] = [];
        for (const each of batch) outcomes.push(...(await this.#insert([each])));
        return outcomes;
      }
      const cause = error instanceof Error ? error : new Error('Could not insert a generation', { cause: error });
      return batch.map(() => cause);
    }
  }

  async #execute(batch: readonly NewGeneration[]): Promise<InsertOutcome[]> {
    const rows: Record<string, unknown>[] = [];
    const routes = new Map<string, unknown>();
    for (const [index, { draft, ...generation }] of batch.entries()) {
      const route = routeOf(draft.needs);
      if (!this.#savedRoutes.has(route)) routes.set(route, draft.needs);
      rows.push(recordOf({ ...draft, ...generation, route, nth: index + 1 }));
    }
    const needed = [...routes].map(([id, needs]) => ({ id, needs }));
    const found = await this.sql.execute<(QueueState & GenerationRow)[]>(INSERT, [
      JSON.stringify(rows),
      JSON.stringify(needed),
    ]);
    if (this.#savedRoutes.size > MAX_KNOWN_ROUTES) this.#savedRoutes.clear();
    for (const route of routes.keys()) this.#savedRoutes.add(route);
    return found.map(({ isEnabled, ownWaiting, allWaiting, ...row }) => ({
      row: row.id === null ? undefined : row,
      isEnabled,
      ownWaiting,
      allWaiting,
    }));
  }
}

type Member = Omit<NewGeneration, 'draft'> & Omit<Draft, 'needs'> & { route: string; nth: number };

/** The names of the record in the statement. */
const recordOf = (each: Member) => ({
  nth: each.nth,
  id: each.id,
  user_id: each.userId,
  prompt: each.prompt,
  negative_prompt: each.negativePrompt,
  workflow_name: each.workflowName,
  workflow_version: each.workflowVersion,
  workflow_id: each.workflowId,
  model_id: each.modelId,
  seed: each.seed,
  parameters: each.parameters,
  input_files: each.inputFiles,
  webhook_url: each.webhookUrl,
  rank: each.rank,
  route: each.route,
  idempotency_key: each.idempotencyKey,
  input_hash: each.inputHash,
  retry_of_id: each.retryOfId,
  max_waiting: each.maxWaiting,
  max_all_waiting: each.maxAllWaiting,
});

/** Whether PostgreSQL reported the error: the transaction has changed nothing. After a lost connection that is unknown. */
const isRolledBack = (error: unknown): boolean => /^(22|23|40)/.test(String(codeOf(error)));
