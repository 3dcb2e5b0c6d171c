/** A ComfyUI without a GPU that a client cannot tell from the real one by its protocol. */
import type { SimulatorOptions } from './options.js';
import { Simulator } from './simulator.js';

export type { Action, ActionName, FaultOptions, Passing, Point } from './faults/faults.js';
export { ExecutionBlocker, type NodeResult, type NodeRun, type SimulatedNode } from './nodes/node.js';
export { Images } from './nodes/values.js';
export type { Logger, SimulatorOptions } from './options.js';
export { PythonError } from './python/python.js';
export type { Simulator } from './simulator.js';
export type { JournalEvent, JournalLine, JournalSnapshot, PromptRecord } from './state/journal.js';

/** Resolves when it listens; `url` says where. Rejects when the port is taken. */
export function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  return Simulator.start(options);
}
