/**
 * The only statements that change a generation's status. Each is one conditional UPDATE, so that one of two concurrent moves wins. A job's
 * moves name its fence, so that a process that has lost the job changes nothing.
 */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { type NewBlob, saveBlobs } from '../assets/blobs.js';
import type { Text } from '../assets/result.js';
import type { SqlRunner } from '../db/reads.js';
import { sqlArray } from '../db/sql-array.js';
import type { Age, HeldJob } from '../runner/leases.js';
import { EXPECTED_SECONDS, RECORD_DURATION } from '../runner/paces.js';
import { END_PROMPT } from '../runner/prompts.js';
import { type Failure, QUEUE_TIMED_OUT } from './failure.js';
import { ENDED, type Ended } from './generation-metrics.js';
import { before, GenerationStatus } from './status.js';

/** A generation as a statement moved it. */
export type Moved = Ended & { id: string; userId: string };

const MOVED = `id, user_id as "userId", status, ${ENDED}`;

const quoted = (statuses: readonly GenerationStatus[]) => statuses.map((status) => `'${status}'`).join();
const CHANGED = 'revision = revision + 1, updated_at = now()';
const FINISHED = `waiting = false, completed_at = now(), ${CHANGED}`;
/** A deleted generation may still be moved to a final status. */
const held = (to: GenerationStatus) => `id = ? and fence = ? and status in (${quoted(before(to))})`;

/** Returns undefined if the generation had another status, or another process holds its job. */
const move = async (em: SqlEntityManager, sql: string, values: unknown[]): Promise<Moved | undefined> =>
  (await em.execute<Moved[]>(`${sql} returning ${MOVED}`, values))[0];

/** `isHeld`: this process still holds the open prompt. `age`: of the generation, after the move. */
type Advance = { isMoved: boolean; isHeld: boolean; age: Age };

/**
 * ComfyUI has the prompt, which waits or executes there. An attempt is accepted once: PENDING becomes PROCESSING, a later attempt is only
 * counted. It starts once. A holder that only waits is not blamed for a crash: the prompt is `idle`.
 */
export async function advance(
  statements: SqlRunner,
  job: HeldJob,
  attempt: number,
  isRunning: boolean,
): Promise<Advance> {
  const [row] = await statements.execute<Advance[]>(
    `with p as (
       update prompts set idle = ?, expected_seconds = case when ? then coalesce(${EXPECTED_SECONDS}, expected_seconds) else expected_seconds end
       from generations g where g.id = generation_id and prompts.id = ? and prompts.fence = ? and ended_at is null returning prompts.id),
     moved as (
       update generations set status = case status when 'PENDING' then 'PROCESSING' else status end, attempt = greatest(attempt, ?),
         started_at = case when ? then coalesce(started_at, now()) else started_at end, crashes = 0, ${CHANGED}
       where id = ? and fence = ? and status in ('PENDING', 'PROCESSING', 'CANCELING') and (attempt < ? or ? and started_at is null)
       returning id)
     select exists (select from p) as "isHeld", exists (select from moved) as "isMoved", json_build_object(
       'isStarted', ? or g.started_at is not null,
       'seconds', case when ? then coalesce(extract(epoch from clock_timestamp() - g.started_at), 0)
         else extract(epoch from clock_timestamp() - coalesce(g.started_at, g.created_at)) end::float8) as age
     from generations g where id = ?`,
    [
      ...[!isRunning, isRunning, job.promptId, job.fence],
      ...[attempt, isRunning, job.id, job.fence, attempt, isRunning],
      ...[isRunning, isRunning, job.id],
    ],
  );
  if (!row) throw new Error('A job has no generation');
  return row;
}

/** What is saved with COMPLETED. The rows of images and files name their blob by its hash. */
export type NewResult = {
  id: string;
  /** Each hash once. */
  blobs: readonly NewBlob[];
  images: readonly object[];
  files: readonly object[];
  texts: readonly Text[];
  problems: readonly string[];
  /** Of what kinds these are: kind-bits.ts. */
  kinds: number;
  /** How long ComfyUI executed the prompt, if that is known. */
  executedMs: number | undefined;
};

/** `files`: the storage keys of the blobs; an equal blob of the account keeps its own. Empty if nothing was saved. */
export type SavedResult = { isCompleted: boolean; isDeleted: boolean; hasStrikes: boolean; files: string[] };

/**
 * Ends the prompt, and completes the generation with its result in the same statement, so that neither is visible without the other. It
 * completes nothing if the generation has ended otherwise, or another process holds it.
 */
export async function complete(
  statements: SqlRunner,
  { id, promptId, fence }: HeldJob,
  { id: resultId, blobs, images, files, texts, problems, kinds, executedMs }: NewResult,
): Promise<SavedResult> {
  const [row] = await statements.execute<SavedResult[]>(
    `with ${END_PROMPT},
     g as (update generations set status = 'COMPLETED', output_kinds = ?, ${FINISHED} where ${held(GenerationStatus.COMPLETED)} returning generations.*),
     pace as (${RECORD_DURATION}),
     blob as (${saveBlobs(`(
       select b.file, g.user_id, b.hash, b."byteSize" as byte_size
       from g cross join jsonb_to_recordset(?::jsonb) as b(file text, hash text, "byteSize" bigint)) new`)}),
     result as (insert into results (id, generation_id, texts, problems) select ?::uuid, id, ?::jsonb, ?::jsonb from g returning id),
     image as (
       insert into images (id, result_id, position, file, content_type, width, height, byte_size, thumb_hash, is_animated, hash, output)
       select i.id, result.id, i.position, blob.file, i."contentType", i.width, i.height, i."byteSize", i."thumbHash", i."isAnimated", i.hash, i.output
       from result cross join jsonb_to_recordset(?::jsonb) as i(
         id uuid, position int, "contentType" text, width int, height int, "byteSize" bigint, "thumbHash" text, "isAnimated" boolean, hash text, output text)
       join blob on blob.hash = i.hash),
     file as (
       insert into files (id, result_id, position, kind, file, content_type, byte_size, hash, width, height, duration, poster, output)
       select f.id, result.id, f.position, f.kind, blob.file, f."contentType", f."byteSize", f.hash, f.width, f.height, f.duration, poster.file, f.output
       from result cross join jsonb_to_recordset(?::jsonb) as f(
         id uuid, position int, kind text, "contentType" text, "byteSize" bigint, hash text, width int, height int, duration float8, "posterHash" text, output text)
       join blob on blob.hash = f.hash left join blob poster on poster.hash = f."posterHash")
     -- Read first: every statement locks prompts first, then generations.
     select exists (select from ended) as "isEnded", exists (select from g) as "isCompleted",
       coalesce((select deleted_at is not null from g), false) as "isDeleted", array(select file from blob) as files,
       exists (select from prompts p join backends b on b.id = p.backend_id
         where p.id = ? and (b.broken_reason is not null or cardinality(b.strikes) > 0)) as "hasStrikes"`,
    [
      ...[promptId, fence, kinds, id, fence],
      executedMs === undefined ? null : executedMs / 1000,
      JSON.stringify(blobs),
      resultId,
      ...[texts, problems, images, files].map((each) => JSON.stringify(each)),
      promptId,
    ],
  );
  if (!row) throw new Error('PostgreSQL did not return the row it computed');
  return row;
}

/** @param attempt counts the attempt, if a backend has rejected it */
export const fail = (
  em: SqlEntityManager,
  { id, fence }: HeldJob,
  failure: Failure,
  attempt = 0,
): Promise<Moved | undefined> =>
  move(
    em,
    `update generations set status = 'FAILED', failure = ?, attempt = greatest(attempt, ?), ${FINISHED}
     where ${held(GenerationStatus.FAILED)}`,
    [JSON.stringify(failure), attempt, id, fence],
  );

/** The backend has confirmed the cancel, or never had the prompt. */
export const cancel = (em: SqlEntityManager, { id, fence }: HeldJob): Promise<Moved | undefined> =>
  move(em, `update generations set status = 'CANCELED', ${FINISHED} where ${held(GenerationStatus.CANCELED)}`, [
    id,
    fence,
  ]);

export type RequeueOptions = {
  /** How long the generation may not be claimed. */
  delayMs: number;
  /** The backend ran out of memory and has freed some. This is done once. */
  freed?: boolean;
  /** Whether the attempt counts toward MAX_ATTEMPTS; true by default. */
  isSpent?: boolean;
  /** The id of the backend that failed: other backends are tried first. */
  avoid?: string;
};

/** How long other backends are tried first. */
const AVOID_SECONDS = 60;

/** Queues the generation for another attempt. If a cancel was requested meanwhile, it is canceled instead. */
export const requeue = (
  em: SqlEntityManager,
  { id, fence }: HeldJob,
  { delayMs, freed = false, isSpent = true, avoid }: RequeueOptions,
): Promise<Moved | undefined> =>
  move(
    em,
    `update generations set
       status = case status when 'CANCELING' then 'CANCELED' else status end,
       completed_at = case status when 'CANCELING' then now() end,
       started_at = case status when 'CANCELING' then started_at end,
       waiting = status <> 'CANCELING', run_after = now() + ? * interval '1 ms', crashes = 0, freed = freed or ?, spent = spent + ?,
       avoids = case when ?::text is null then avoids else array_append(array_remove(avoids, ?::text), ?::text) end,
       avoids_until = case when ?::text is null then avoids_until else now() + interval '${AVOID_SECONDS} s' end, ${CHANGED}
     where id = ? and fence = ? and status in ('PENDING', 'PROCESSING', 'CANCELING')`,
    [delayMs, freed, Number(isSpent), ...Array<string | null>(4).fill(avoid ?? null), id, fence],
  );

/** A generation without a prompt is canceled at once, any other when the backend has confirmed. */
const STOPPED = `
  status = case when waiting then 'CANCELED' when status in ('PENDING', 'PROCESSING') then 'CANCELING' else status end,
  completed_at = case when waiting then now() else completed_at end,
  waiting = false`;

/** Locked in one order, so that two requests with the same ids do not wait for each other. */
const AMONG = 'id in (select id from generations where id = any(?::uuid[]) order by id for no key update)';
const CANCEL = `update generations set ${STOPPED}, ${CHANGED} where status in ('PENDING', 'PROCESSING')`;
const DELETE = `update generations set ${STOPPED}, deleted_at = now(), ${CHANGED} where deleted_at is null`;

/** Returns those that moved. */
const moveAll = (em: SqlEntityManager, sql: string, values: unknown[]): Promise<Moved[]> =>
  em.execute<Moved[]>(`${sql} returning ${MOVED}`, values);
const idsOf = (moved: readonly Moved[]): string[] => moved.map(({ id }) => id);

/** Requests a cancel for the user. Returns those that were not final. */
export const requestCancel = (em: SqlEntityManager, ids: readonly string[]): Promise<Moved[]> =>
  moveAll(em, `${CANCEL} and ${AMONG}`, [sqlArray(ids)]);

/** Requests a cancel of all unfinished generations of a user. Returns their ids. */
export const requestCancelOf = async (em: SqlEntityManager, userId: string): Promise<string[]> =>
  idsOf(await moveAll(em, `${CANCEL} and user_id = ? and deleted_at is null`, [userId]));

/**
 * Deletes generations: they are invisible from now on. Unfinished ones are canceled; the holder of their job removes their files. Returns
 * those that were not deleted before.
 */
export const markDeleted = (em: SqlEntityManager, ids: readonly string[]): Promise<Moved[]> =>
  moveAll(em, `${DELETE} and ${AMONG}`, [sqlArray(ids)]);

/** Deletes all generations of a user. Returns their ids. */
export const markAllDeleted = async (em: SqlEntityManager, userId: string): Promise<string[]> =>
  idsOf(await moveAll(em, `${DELETE} and user_id = ?`, [userId]));

/** Fails generations that have waited too long for a backend. */
export const failOverdue = (em: SqlEntityManager, queueTimeoutSeconds: number): Promise<Moved[]> =>
  em.execute(
    `update generations set status = 'FAILED', failure = ?, ${FINISHED}
     where id in (
       select id from generations
       where waiting and created_at < now() - ? * interval '1 s' and status in ('PENDING', 'PROCESSING') for no key update skip locked)
     returning ${MOVED}`,
    [JSON.stringify(QUEUE_TIMED_OUT), queueTimeoutSeconds],
  );

/** Cancels generations whose backend has been offline too long to confirm it. Their prompts stay open until the backend is back. */
export const cancelUnreachable = (em: SqlEntityManager, offlineMs: number): Promise<Moved[]> =>
  em.execute(
    `update generations set status = 'CANCELED', ${FINISHED}
     where status = 'CANCELING' and id in (
       select p.generation_id from prompts p join backends b on b.id = p.backend_id
       where p.ended_at is null and p.lease_until < now() and b.state = 'OFFLINE' and b.offline_since < now() - ? * interval '1 ms')
     returning ${MOVED}`,
    [offlineMs],
  );
