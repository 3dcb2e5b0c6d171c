/** All fault points of the simulator, in the order in which a generation reaches them. */
import type { Point } from '../../src/simulator/index.js';

/** The compiler checks that this list is complete. */
const EVERY: Record<Point, true> = {
  connect: true,
  request: true,
  'prompt:before': true,
  'prompt:after': true,
  start: true,
  node: true,
  step: true,
  message: true,
  output: true,
  success: true,
  queue: true,
  history: true,
  'view:before': true,
  'view:half': true,
  'view:after': true,
};

export const POINTS = Object.keys(EVERY) as Point[];
