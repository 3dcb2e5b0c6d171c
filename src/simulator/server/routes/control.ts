/** The methods of Simulator as JSON routes under `/simulator/`, for tests that run it in another process. */
import type { Action, ActionName, FaultOptions, Point } from '../../faults/faults.js';
import { isObject, parseJson } from '../../python/json.js';
import type { Simulator } from '../../simulator.js';

/**
 * `call` is the method and the rest of the path. Resolves to the response body, if any; `afterwards` defers an action that
 * would cut the response off. Throws for an unknown call.
 */
export async function control(
  simulator: Simulator,
  call: string,
  text: string,
  afterwards: (act: () => unknown) => void,
): Promise<unknown> {
  const body: unknown = text === '' ? {} : parseJson(text);
  if (!isObject(body)) throw new Error('The body must be a JSON object');
  switch (call) {
    case 'GET journal':
      return simulator.journal.snapshot();
    case 'POST faults': {
      const { point, action, times, skip, where } = body as {
        point: Point;
        action: Action | ActionName;
      } & FaultOptions;
      if (typeof point !== 'string' || action === undefined) throw new Error('A fault needs a point and an action');
      simulator.at(point, action, {
        // JSON has no infinity: null stands for it.
        times: times === null ? Number.POSITIVE_INFINITY : (times ?? 1),
        ...(skip !== undefined && { skip }),
        ...(where !== undefined && { where }),
      });
      return;
    }
    case 'POST heal':
      return simulator.heal();
    case 'POST hold':
      return simulator.hold();
    case 'POST release':
      return simulator.release();
    case 'POST held':
      return await simulator.held();
    case 'POST advance':
      return await simulator.advance(Number(body.steps ?? 1));
    case 'POST drop-sockets':
      return simulator.dropSockets();
    case 'POST mute':
      return void simulator.mute();
    case 'POST freeze':
      return void simulator.freeze();
    case 'POST say':
      return simulator.say(String(body.frame), body.clientId === undefined ? undefined : String(body.clientId));
    case 'POST evict':
      return simulator.evict(body.promptId === undefined ? undefined : String(body.promptId));
    case 'POST restart':
      return afterwards(() => simulator.restart({ downMs: Number(body.downMs ?? 0) }));
    default:
      throw new Error(`Unknown call: ${call}`);
  }
}
