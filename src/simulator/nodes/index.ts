/** All built-in node classes by name. */
import { batches } from './batches.js';
import { filters } from './filters.js';
import { images } from './images.js';
import { loaders } from './loaders.js';
import { masks } from './masks.js';
import type { SimulatedNode } from './node.js';
import { outputs } from './outputs.js';
import { primitives } from './primitives.js';
import { sampling } from './sampling.js';
import { shapes } from './shapes.js';

export function builtInNodes(): [string, SimulatedNode][] {
  const all = [loaders, sampling, images, filters, shapes, batches, masks, primitives, outputs];
  return all.flatMap((nodes) => Object.entries(nodes));
}
