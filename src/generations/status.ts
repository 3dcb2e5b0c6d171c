/** The statuses of a generation, and the transitions between them. */
import { registerEnumType } from 'type-graphql';

export enum GenerationStatus {
  PENDING = 'PENDING',
  PROCESSING = 'PROCESSING',
  CANCELING = 'CANCELING',
  COMPLETED = 'COMPLETED',
  FAILED = 'FAILED',
  CANCELED = 'CANCELED',
}
registerEnumType(GenerationStatus, {
  name: 'GenerationStatus',
  description: 'The status of a generation. COMPLETED, FAILED and CANCELED are final.',
  valuesConfig: {
    PENDING: { description: 'Saved; no backend has accepted it yet.' },
    PROCESSING: {
      description: 'A backend has accepted it, or it waits for its next attempt. It never returns to PENDING.',
    },
    CANCELING: { description: 'A cancel was requested; the backend has not confirmed it yet.' },
    COMPLETED: { description: 'Its result is saved.' },
    FAILED: { description: 'See `failure`.' },
    CANCELED: { description: 'Canceled because the user requested it.' },
  },
});

const { PROCESSING, CANCELING, COMPLETED, FAILED, CANCELED } = GenerationStatus;

/** The statuses that may follow each status. */
export const next: Record<GenerationStatus, readonly GenerationStatus[]> = {
  PENDING: [PROCESSING, CANCELING, FAILED, CANCELED],
  PROCESSING: [CANCELING, COMPLETED, FAILED, CANCELED],
  CANCELING: [COMPLETED, FAILED, CANCELED],
  COMPLETED: [],
  FAILED: [],
  CANCELED: [],
};

export const isFinal = (status: GenerationStatus): boolean => next[status].length === 0;

/** The statuses that `to` may follow: the condition of every UPDATE that sets it. */
export const before = (to: GenerationStatus): GenerationStatus[] =>
  Object.values(GenerationStatus).filter((from) => next[from].includes(to));

/** Whether it has a place in a queue: that of the server, or that of the ComfyUI that has accepted it. Between two attempts it has none. */
export const isQueued = ({ status, waiting, startedAt }: Queueing): boolean =>
  status === GenerationStatus.PENDING || (status === PROCESSING && !waiting && startedAt === null);

type Queueing = { status: GenerationStatus; waiting: boolean; startedAt: string | null };
