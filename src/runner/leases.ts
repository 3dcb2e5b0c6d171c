/**
 * Leases of jobs. PostgreSQL decides, on its own clock, whether a job may be taken over: its lease has expired, or its holder's lock is
 * free. Every takeover gives the job a higher fence.
 */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { isOnlyBroken } from '../backends/breaker.js';
import type { NodeOutput, PromptProgress } from '../comfyui/index.js';
import { sqlArray } from '../db/sql-array.js';
import { LOCK_CLASS } from './replica.js';

/** What names a job and its holder. */
export type HeldJob = {
  /** The generation's id. */
  id: string;
  promptId: string;
  fence: number;
};

/** How long a generation has executed, or has waited if it has not started. */
export type Age = { isStarted: boolean; seconds: number };

/** A job as its holder knows it: everything that its run reads, as it was when the holder took the job. */
export type Job = HeldJob & {
  userId: string;
  backendId: string;
  /** Counts from 1. */
  attempt: number;
  /** How many of its holders have crashed since its last progress. */
  crashes: number;
  /** How many earlier attempts started to execute and were lost. */
  spent: number;
  /** The generation runs elsewhere: only the prompt remains, to be canceled. */
  isAbandoned: boolean;
  /** The generation has a final status: only the prompt remains, to be canceled. */
  isFinal: boolean;
  /** The user wants the generation stopped. */
  isUnwanted: boolean;
  /** A backend has accepted this attempt. */
  isAccepted: boolean;
  /** ComfyUI may know the prompt. */
  isSubmitted: boolean;
  age: Age;
  route: string | null;
  workflowName: string;
  workflowVersion: number;
  /** Null for a built-in workflow. */
  workflowId: string | null;
  parameters: Record<string, unknown>;
  modelId: string | null;
  /** The file of the model; null without a model. */
  modelFile: string | null;
  /** The storage keys of its input files, by the name of the input. */
  inputFiles: Record<string, string>;
  /** The graph to submit, as JSON; null until it was submitted once. */
  graph: string | null;
  progress: PromptProgress | null;
  /** The outputs that `executed` messages have named, by node. */
  outputs: Record<string, NodeOutput> | null;
};

/** Converts a parameter in milliseconds to an interval. */
export const MS = `? * interval '1 ms'`;
/** The columns of a Job, in statements that name the prompt `p` and the generation `g`. */
export const JOB = `p.generation_id as id, g.user_id as "userId", p.id as "promptId", p.backend_id as "backendId", p.attempt, p.fence,
  g.crashes, g.spent, p.abandoned_at is not null as "isAbandoned", g.status in ('COMPLETED', 'FAILED', 'CANCELED') as "isFinal",
  g.status = 'CANCELING' as "isUnwanted", g.attempt >= p.attempt as "isAccepted", p.submitted_at is not null as "isSubmitted",
  json_build_object('isStarted', g.started_at is not null,
    'seconds', extract(epoch from clock_timestamp() - coalesce(g.started_at, g.created_at))::float8) as age,
  g.route, g.workflow_name as "workflowName", g.workflow_version as "workflowVersion", g.workflow_id as "workflowId", g.parameters, g.model_id as "modelId",
  (select filename from models where models.id = g.model_id) as "modelFile", g.input_files as "inputFiles",
  p.graph, p.progress, p.outputs`;

/** After this many crashes the job is the suspect and runs alone in its process. */
export const SUSPECT_CRASHES = 2;

/** How many attempts of a generation may start to execute. */
export const MAX_ATTEMPTS = 3;

/** Prompts without a holder: released, expired, or of a process that is gone (`died`). `blamed` is 1 if the job may have caused that crash. */
const ORPHANED = `cross join lateral (
    select p.holder <> 0 and not exists (
      select from pg_locks l where l.locktype = 'advisory' and l.granted and l.classid = ${LOCK_CLASS} and l.objid::bigint = p.holder
        and l.database = (select oid from pg_database where datname = current_database())) as died) h
  cross join lateral (select (h.died and not p.idle)::int as blamed) b
  where p.ended_at is null and p.id <> all(?::uuid[]) and p.backend_id = any(?::uuid[]) and (p.lease_until < now() or h.died)`;

export type Takeover = {
  holder: number;
  backendIds: readonly string[];
  /** The prompts that this process runs already: its heartbeat renews them. */
  running: readonly string[];
  leaseMs: number;
};

const orphanedValues = ({ running, backendIds }: Takeover): unknown[] => [sqlArray(running), sqlArray(backendIds)];

/** Takes over jobs without a holder; each goes to one process. With `suspects` it takes only suspects, at most one. */
export const takeOver = (em: SqlEntityManager, takeover: Takeover, suspects = false): Promise<Job[]> =>
  em.execute<Job[]>(
    `with orphaned as (
       select p.id, p.generation_id, b.blamed from prompts p join generations g on g.id = p.generation_id ${ORPHANED}
         and p.abandoned_at is null and (g.crashes + b.blamed >= ${SUSPECT_CRASHES}) = ?
       limit ? for no key update of p skip locked),
     g as (
       update generations set fence = fence + 1, crashes = crashes + orphaned.blamed, updated_at = now()
       from orphaned where generations.id = orphaned.generation_id
       returning generations.*, orphaned.id as prompt_id),
     p as (
       update prompts set holder = ?, lease_until = now() + ${MS}, fence = g.fence, idle = false
       from g where prompts.id = g.prompt_id returning prompts.*)
     select ${JOB} from p join g on g.prompt_id = p.id`,
    [...orphanedValues(takeover), suspects, suspects ? 1 : null, takeover.holder, takeover.leaseMs],
  );

/** Whether a suspect without a holder waits for a process that runs nothing else. */
export async function isSuspectOrphaned(em: SqlEntityManager, takeover: Takeover): Promise<boolean> {
  const rows = await em.execute(
    `select from prompts p join generations g on g.id = p.generation_id ${ORPHANED}
       and p.abandoned_at is null and g.crashes + b.blamed >= ${SUSPECT_CRASHES} limit 1`,
    orphanedValues(takeover),
  );
  return rows.length > 0;
}

/** A job whose backend has been offline for too long. `isBackendRemoved`: the backend is no longer configured. */
type Stranded = { promptId: string; route: string | null; isBackendRemoved: boolean };

const STRANDED = `from prompts p join generations g on g.id = p.generation_id join backends b on b.id = p.backend_id
  where p.ended_at is null and p.abandoned_at is null and p.stop_asked_at is null
    and b.state = 'OFFLINE' and b.offline_since < now() - ${MS}
    -- A backend that is only broken still responds: its prompts end there, and a probe that succeeds repairs it.
    and ${isOnlyBroken('b')} is not true
    and g.status in ('PENDING', 'PROCESSING') and g.deleted_at is null`;

/**
 * Returns jobs whose backend has been offline for `offlineMs`. A job that executes its last attempt stays with its backend until its time limit:
 * it may be what takes backends down.
 */
export const readStranded = (
  em: SqlEntityManager,
  backendIds: readonly string[],
  offlineMs: number,
): Promise<Stranded[]> =>
  em.execute<Stranded[]>(
    `with stranded as (
       select p.id, g.route, b.id <> all(?::uuid[]) as removed, g.started_at is not null and g.spent + 1 >= ${MAX_ATTEMPTS} as last ${STRANDED})
     select id as "promptId", route, removed as "isBackendRemoved" from stranded where removed or not last`,
    [sqlArray(backendIds), offlineMs],
  );

/**
 * Requeues the generations of these prompts, without a preview. The prompts stay open and keep their slots until ComfyUI has shown that they are gone.
 * Returns the requeued generations.
 */
export const abandon = (
  em: SqlEntityManager,
  promptIds: readonly string[],
  offlineMs: number,
): Promise<{ id: string; userId: string }[]> =>
  em.execute(
    `with stranded as (select p.id, p.generation_id ${STRANDED} and p.id = any(?::uuid[]) for no key update of p, g skip locked),
     p as (
       update prompts set abandoned_at = now(), holder = 0, lease_until = now(), fence = fence + 1 from stranded where prompts.id = stranded.id),
     preview as (delete from previews using stranded where previews.generation_id = stranded.generation_id)
     update generations g set waiting = true, run_after = now(), spent = spent + (started_at is not null)::int, started_at = null, fence = fence + 1, revision = revision + 1,
       updated_at = now()
     from stranded where g.id = stranded.generation_id
     returning g.id, g.user_id as "userId"`,
    [offlineMs, sqlArray(promptIds)],
  );

/**
 * Takes over abandoned prompts whose backend responds again, broken or not: on a broken one each takes the slot of its next probe. A
 * generation that still waits returns to its prompt, which may still run, or have ended.
 */
export const adoptAbandoned = (em: SqlEntityManager, takeover: Takeover): Promise<Job[]> =>
  em.execute<Job[]>(
    `with back as (
       select p.id, p.generation_id from prompts p join backends on backends.id = p.backend_id
         and (backends.state <> 'OFFLINE' or ${isOnlyBroken('backends')}) ${ORPHANED}
         and p.abandoned_at is not null
       for no key update of p skip locked),
     home as (
       update generations set waiting = false, fence = fence + 1, updated_at = now()
       from back where generations.id = back.generation_id and waiting and status in ('PENDING', 'PROCESSING')
       returning generations.fence, back.id as prompt_id),
     p as (
       update prompts set holder = ?, lease_until = now() + ${MS}, fence = coalesce(home.fence, prompts.fence + 1),
         abandoned_at = case when home.fence is null then abandoned_at end
       from back left join home on home.prompt_id = back.id where prompts.id = back.id returning prompts.*)
     select ${JOB} from p join generations g on g.id = p.generation_id`,
    [...orphanedValues(takeover), takeover.holder, takeover.leaseMs],
  );

/** A renewed lease. `isUnwanted`: the user wants the generation stopped. */
type Lease = { promptId: string; fence: number; isUnwanted: boolean };

/**
 * Renews the leases of these jobs. The result omits a job that another process has taken, and a job that was released meanwhile: its
 * fence is unchanged, and a renewed lease would keep every process from taking it.
 */
export const renew = (em: SqlEntityManager, holder: number, jobs: readonly Job[], leaseMs: number): Promise<Lease[]> =>
  em.execute<Lease[]>(
    `update prompts p set lease_until = now() + ${MS}, holder = ?
     from generations g, unnest(?::uuid[], ?::int[]) as held(prompt_id, fence)
     where p.id = held.prompt_id and p.fence = held.fence and p.holder <> 0 and p.ended_at is null and g.id = p.generation_id
     returning p.id as "promptId", p.fence, g.status = 'CANCELING' as "isUnwanted"`,
    [leaseMs, holder, sqlArray(jobs.map(({ promptId }) => promptId)), sqlArray(jobs.map(({ fence }) => fence))],
  );

/** Releases a job, so that its next holder need not wait for the lease. After a fault this counts as a crash. */
export const release = async (em: SqlEntityManager, { promptId, fence }: Job, afterFault: boolean): Promise<void> => {
  await em.execute(
    `with p as (
       update prompts set holder = 0, lease_until = now() where id = ? and fence = ? and ended_at is null
       returning generation_id, abandoned_at)
     update generations set crashes = crashes + ? from p where generations.id = p.generation_id and p.abandoned_at is null`,
    [promptId, fence, afterFault ? 1 : 0],
  );
};
