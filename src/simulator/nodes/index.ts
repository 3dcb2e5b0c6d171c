/** All built-in node classes by name. */
import { batches } from './image/batches.js';
import { filters } from './image/filters.js';
import { images } from './image/images.js';
import { masks } from './image/masks.js';
import { shapes } from './image/shapes.js';
import type { SimulatedNode } from './node.js';
import { outputs } from './outputs.js';
import { primitives } from './primitives.js';
import { loaders } from './sampling/loaders.js';
import { sampling } from './sampling/sampling.js';

export function builtInNodes(): [string, SimulatedNode][] {
  const all = [loaders, sampling, images, filters, shapes, batches, masks, primitives, outputs];
  return all.flatMap((nodes) => Object.entries(nodes));
}
