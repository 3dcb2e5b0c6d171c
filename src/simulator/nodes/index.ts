/** All built-in node classes by name. */
import { isSince, type Version } from '../version.js';
import { catalogue } from './catalogue/catalogue.js';
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

/** The table of classes is that of 0.33.0: older versions lack some of them, and have others with other inputs. */
export function builtInNodes(version: Version): [string, SimulatedNode][] {
  const always = [loaders, sampling, images, filters, shapes, batches, masks, primitives, outputs];
  const all = isSince('0.33', version) ? [catalogue, ...always] : always;
  return all.flatMap((nodes) => Object.entries(nodes));
}
