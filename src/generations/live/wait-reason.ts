/** Why a generation does not execute, or does not continue. */
import { registerEnumType } from 'type-graphql';
import { BackendState } from '../../backends/backend.js';
import type { Backends } from '../../backends/backends.js';
import { isOnlyBroken } from '../../backends/breaker.js';
import type { Needs } from '../../backends/needs.js';
import type { SqlRunner } from '../../db/reads.js';
import { sqlArray } from '../../db/sql-array.js';
import type { RunningLimits } from '../../runner/claims.js';
import type { GenerationRow } from '../generation-rows.js';
import { GenerationStatus } from '../status.js';

export enum WaitReason {
  TURN = 'TURN',
  BACKEND_OFFLINE = 'BACKEND_OFFLINE',
  BACKEND_DRAINING = 'BACKEND_DRAINING',
  MODEL_UNAVAILABLE = 'MODEL_UNAVAILABLE',
  NODE_UNAVAILABLE = 'NODE_UNAVAILABLE',
  RUNNING_LIMIT = 'RUNNING_LIMIT',
}
registerEnumType(WaitReason, {
  name: 'WaitReason',
  description: 'Why a generation waits.',
  valuesConfig: {
    TURN: { description: 'Other generations go first, in this queue or in that of ComfyUI.' },
    BACKEND_OFFLINE: {
      description: 'Every ComfyUI that could run it is offline, or the one that has it does not respond.',
    },
    BACKEND_DRAINING: {
      description: 'A ComfyUI that could run it is draining: an admin has stopped new work for it.',
    },
    MODEL_UNAVAILABLE: { description: 'No online ComfyUI has its model.' },
    NODE_UNAVAILABLE: { description: 'No online ComfyUI has a node class that it needs.' },
    RUNNING_LIMIT: { description: "The viewer's limit of executing generations is reached." },
  },
});

export type WaitReasonServices = { backends: Backends; runningLimits: RunningLimits };

type Row = {
  id: string;
  needs: Needs | null;
  /** The state of the backend that has its prompt; null while none has it. */
  state: BackendState | null;
  isExecuting: boolean;
  isAtLimit: boolean;
};

type Found = { reason: WaitReason; isExecuting: boolean };
export type WaitReasons = ReadonlyMap<string, Found>;

/** Returns the reasons by generation id. Missing are stopping and final generations, and those that execute on a ComfyUI that responds. */
export async function readWaitReasons(
  sql: SqlRunner,
  ids: readonly string[],
  { backends, runningLimits }: WaitReasonServices,
): Promise<WaitReasons> {
  if (ids.length === 0) return new Map();
  const rows = await sql.execute<Row[]>(
    `select g.id, r.needs, b.state, g.started_at is not null as "isExecuting", (
       select count(*) from prompts l where l.user_id = g.user_id and l.ended_at is null and l.abandoned_at is null
     ) >= case u.role when 'ADMIN' then ?::int else ?::int end as "isAtLimit"
     from generations g join users u on u.id = g.user_id left join routes r on r.id = g.route
     left join prompts p on p.generation_id = g.id and p.ended_at is null and p.abandoned_at is null
     left join backends b on b.id = p.backend_id
     where g.id = any(?::uuid[]) and g.status in ('PENDING', 'PROCESSING')
       and (g.started_at is null or b.state = 'OFFLINE' and not ${isOnlyBroken('b')})`,
    [runningLimits.admin, runningLimits.user, sqlArray(ids)],
  );
  if (rows.length === 0) return new Map();
  const states = await sql.execute<{ id: string; state: BackendState }[]>(
    'select id, state from backends where id = any(?::uuid[])',
    [sqlArray(backends.ids())],
  );
  const inState = (expected: BackendState) => states.filter(({ state }) => state === expected).map(({ id }) => id);
  const [online, draining] = [inState(BackendState.ONLINE), inState(BackendState.DRAINING)];
  return new Map(
    rows.map((row) => {
      const { id, isExecuting } = row;
      return [id, { reason: reasonOf(row, online, draining, backends), isExecuting }];
    }),
  );
}

/** Whether there can be a reason. */
export const mayWait = ({ status }: Pick<GenerationRow, 'status'>): boolean =>
  status === GenerationStatus.PENDING || status === GenerationStatus.PROCESSING;

/** Makes the reason agree with a row that was read at another moment: null if it executes, TURN if it waits and no reason was found. */
export function waitReasonOf(
  row: Pick<GenerationRow, 'id' | 'status' | 'startedAt'>,
  reasons: WaitReasons,
): WaitReason | null {
  if (!mayWait(row)) return null;
  const { id, startedAt } = row;
  const isExecuting = startedAt !== null;
  const found = reasons.get(id);
  if (found?.isExecuting === isExecuting) return found.reason;
  return isExecuting ? null : WaitReason.TURN;
}

function reasonOf(
  { needs, state, isAtLimit }: Row,
  online: readonly string[],
  draining: readonly string[],
  backends: Backends,
): WaitReason {
  if (state !== null) return state === BackendState.OFFLINE ? WaitReason.BACKEND_OFFLINE : WaitReason.TURN;
  const serves = (id: string) => needs === null || backends.serves(id, needs);
  if (online.some(serves)) return isAtLimit ? WaitReason.RUNNING_LIMIT : WaitReason.TURN;
  if (draining.some(serves)) return WaitReason.BACKEND_DRAINING;
  const present = [...online, ...draining];
  if (needs === null || present.length === 0) return WaitReason.BACKEND_OFFLINE;
  const lacksNode = backends.missing(needs, present).some(({ kind }) => kind === 'NODE');
  return lacksNode ? WaitReason.NODE_UNAVAILABLE : WaitReason.MODEL_UNAVAILABLE;
}
