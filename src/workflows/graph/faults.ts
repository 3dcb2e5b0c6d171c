/** Errors about one node of a graph. */
import { badUserInput, type Refusal } from '../../graphql/errors.js';

const MAX_SHOWN = 60;

/** A name from a document, short enough for a message. */
export const shown = (name: string): string => (name.length > MAX_SHOWN ? `${name.slice(0, MAX_SHOWN)}…` : name);

type Where = { nodeId: string; classType?: string; input?: string };

/** BAD_USER_INPUT that names the node, and what is expected there. */
export function faultAt({ nodeId, classType, input }: Where, expected: string, field = 'graph'): Refusal {
  const node = `Node ${shown(nodeId)}${classType === undefined ? '' : ` (${shown(classType)})`}`;
  const place = input === undefined ? node : `${node}, input ${shown(input)}`;
  return badUserInput(`${place}: ${expected}`, field, { nodeId: shown(nodeId) });
}

/** `constructor`, `__proto__` and the like: names that every JavaScript object has. */
export const isReserved = (name: string): boolean => name in Object.prototype;
