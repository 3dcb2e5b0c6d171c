/** All timings of the server and its ComfyUI client, and the relations between them. */
import type { BackendTimings } from './backends/timings.js';
import { COMFYUI_TIMINGS } from './comfyui/index.js';
import { TIMINGS } from './process/timings.js';

export type AppTimings = BackendTimings;

export const APP_TIMINGS: AppTimings = { ...TIMINGS, comfyui: COMFYUI_TIMINGS };

/** The first timing must exceed `factor` times the second. */
const RELATIONS: readonly [
  longer: (timings: AppTimings) => number,
  factor: number,
  shorter: (timings: AppTimings) => number,
  why: string,
][] = [
  [(t) => t.leaseMs, 3, (t) => t.heartbeatIntervalMs, 'a lease survives two lost heartbeats'],
  [(t) => t.statementTimeoutMs, 1, (t) => t.leaseMs, 'a late heartbeat does not break its connection'],
  [
    (t) => t.leaseMs,
    1,
    (t) => t.idleTransactionTimeoutMs,
    'the locks of a frozen process are free when its lease expires',
  ],
  [
    (t) => t.unwantedPromptTimeoutMs,
    2,
    (t) => t.comfyui.inFlightTimeoutMs,
    'a late prompt is searched for twice before its cancellation is abandoned',
  ],
  [(t) => t.cancelConfirmTimeoutMs, 2, (t) => t.comfyui.inFlightTimeoutMs, 'a canceled prompt is searched for twice'],
  [
    (t) => t.interruptTimeoutMs,
    1,
    (t) => t.cancelConfirmTimeoutMs,
    'a backend may take as long to stop a prompt as a user waits for a cancellation',
  ],
  [
    (t) => t.idleBackendTimeoutMs,
    2,
    (t) => t.backendCheckIntervalMs,
    'a backend is checked more than once before it counts as idle',
  ],
  [
    (t) => t.silentBackendTimeoutMs,
    2,
    (t) => t.backendCheckIntervalMs,
    'a backend is checked more than once before it counts as silent',
  ],
  [
    (t) => t.failoverTimeoutMs,
    2,
    (t) => t.backendCheckIntervalMs,
    'a backend is checked more than once before its jobs move',
  ],
  [(t) => t.deliveryLeaseMs, 2, (t) => t.deliveryTimeoutMs, 'a delivery is not sent again while it is being sent'],
  [(t) => t.stalledRequestTimeoutMs, 2, (t) => t.socketPingIntervalMs, 'a live socket or stream responds in time'],
];

/** @throws Error that names each broken relation */
export function checkTimings(timings: AppTimings): void {
  const broken = RELATIONS.filter(([longer, factor, shorter]) => longer(timings) <= factor * shorter(timings));
  if (broken.length > 0) throw new Error(`Inconsistent timings: ${broken.map(([, , , why]) => why).join('; ')}`);
}
