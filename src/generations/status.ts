/** The states of a generation and the ways between them. */
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
  description: 'How far a generation has come. COMPLETED, FAILED and CANCELED are final.',
  valuesConfig: {
    PENDING: { description: 'Saved; no backend has accepted it yet.' },
    PROCESSING: {
      description: 'A backend has accepted it, or it is to be sent again after a loss. Never back to PENDING.',
    },
    CANCELING: { description: 'Asked to stop; the backend has not confirmed it yet.' },
    COMPLETED: { description: 'Its result is saved.' },
    FAILED: { description: 'See `failure`.' },
    CANCELED: { description: 'Stopped because the user asked for it.' },
  },
});

const { PROCESSING, CANCELING, COMPLETED, FAILED, CANCELED } = GenerationStatus;

/** From each status, those that may come next. */
export const next: Record<GenerationStatus, readonly GenerationStatus[]> = {
  PENDING: [PROCESSING, CANCELING, FAILED, CANCELED],
  PROCESSING: [CANCELING, COMPLETED, FAILED, CANCELED],
  CANCELING: [COMPLETED, FAILED, CANCELED],
  COMPLETED: [],
  FAILED: [],
  CANCELED: [],
};

export const isFinal = (status: GenerationStatus): boolean => next[status].length === 0;

/** The statuses from which `to` may be reached: the condition of every UPDATE that sets it. */
export const before = (to: GenerationStatus): GenerationStatus[] =>
  Object.values(GenerationStatus).filter((from) => next[from].includes(to));
