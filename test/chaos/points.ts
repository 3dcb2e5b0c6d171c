/** Where a simulator can be stopped on its way: all of them, in the order of a generation's life. */
import type { Point } from '../../src/simulator/index.js';

/** The compiler holds this list against the simulator's own. */
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
