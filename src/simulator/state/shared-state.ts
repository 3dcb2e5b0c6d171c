/** What survives a restart of the simulated server: settings, node classes, files, faults and the journal. */
import type { Faults } from '../faults/faults.js';
import type { SimulatedNode } from '../nodes/node.js';
import type { Settings } from '../options.js';
import type { Folders } from './folders.js';
import type { Journal } from './journal.js';

export type SharedState = {
  settings: Settings;
  folders: Folders;
  faults: Faults;
  journal: Journal;
  nodes: ReadonlyMap<string, SimulatedNode>;
};
