/** All timings of the server, its ComfyUI client's included, and the relations between them. */
import type { BackendTimings } from './backends/timings.js';
import { COMFYUI_TIMINGS } from './comfyui/index.js';
import { TIMINGS } from './process/timings.js';

export type AppTimings = BackendTimings;

export const APP_TIMINGS: AppTimings = { ...TIMINGS, comfyui: COMFYUI_TIMINGS };

/** Pairs of which the first has to be longer than the second, so many times. */
const RELATIONS: readonly [
  longer: (timings: AppTimings) => number,
  factor: number,
  shorter: (timings: AppTimings) => number,
  why: string,
][] = [
  [(t) => t.leaseMs, 3, (t) => t.heartbeatIntervalMs, 'a lease outlives two heartbeats that are lost'],
  [(t) => t.statementTimeoutMs, 1, (t) => t.leaseMs, 'a heartbeat that is late is no broken connection'],
  [
    (t) => t.leaseMs,
    1,
    (t) => t.idleTransactionTimeoutMs,
    'what a frozen process has locked is free when its lease runs out',
  ],
  [
    (t) => t.takeBackTimeoutMs,
    2,
    (t) => t.comfyui.inFlightTimeoutMs,
    'a prompt that is taken back is looked for twice',
  ],
  [
    (t) => t.cancelConfirmTimeoutMs,
    2,
    (t) => t.comfyui.inFlightTimeoutMs,
    'a prompt that is canceled is looked for twice',
  ],
  [
    (t) => t.deafBackendTimeoutMs,
    1,
    (t) => t.cancelConfirmTimeoutMs,
    'a backend may take as long to stop as a user waits for it',
  ],
  [(t) => t.idleBackendTimeoutMs, 2, (t) => t.backendCheckIntervalMs, 'a backend is found idle more than once'],
  [
    (t) => t.silentBackendTimeoutMs,
    2,
    (t) => t.backendCheckIntervalMs,
    'a backend is checked more than once before it counts as silent',
  ],
  [
    (t) => t.awayTimeoutMs,
    2,
    (t) => t.backendCheckIntervalMs,
    'a backend is asked more than once before its jobs move',
  ],
  [
    (t) => t.stalledRequestTimeoutMs,
    2,
    (t) => t.socketPingIntervalMs,
    'a socket or stream that is alive shows it in time',
  ],
];

/** @throws Error that names each relation which does not hold */
export function checkTimings(timings: AppTimings): void {
  const broken = RELATIONS.filter(([longer, factor, shorter]) => longer(timings) <= factor * shorter(timings));
  if (broken.length > 0)
    throw new Error(`These timings do not go together: ${broken.map(([, , , why]) => why).join('; ')}`);
}
