/** A ComfyUI without a GPU. It speaks ComfyUI's protocol, and a client cannot see a difference. */
import type { SimulatorOptions } from './options.js';
import { Simulator } from './simulator.js';

export type { Action, ActionName, FaultOptions, Point, PointDetails } from './faults/faults.js';
export { ExecutionBlocker, type NodeResult, type NodeRun, type SimulatedNode } from './nodes/node.js';
export { Images } from './nodes/values.js';
export type { Logger, SimulatorOptions } from './options.js';
export { PythonError } from './python/python.js';
export type { Simulator } from './simulator.js';
export type { JournalEvent, JournalLine, JournalSnapshot, PromptRecord } from './state/journal.js';

/** Resolves when the simulator listens at its `url`. Rejects when the port is in use. */
export function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  return Simulator.start(options);
}
