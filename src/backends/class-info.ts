/** Reads all that ComfyUI says about node classes, for a document that is imported: the offers keep only what a check needs. */
import { type NodeInfo, type ObjectInfo, UnreachableError } from '../comfyui/index.js';
import { badUserInput, comfyuiUnavailable } from '../graphql/errors.js';
import type { BackendMonitor } from './monitor/backend-monitor.js';

/** No shared workflow has nearly as many. It bounds the requests, and the memory. */
const MAX_CLASSES = 300;
/** At once, to all backends together. */
const MAX_REQUESTS = 8;

/**
 * Each class from the first of the backends that has it. Classes that none has are left out.
 * @throws COMFYUI_UNAVAILABLE if no backend responds, BAD_USER_INPUT for more than 300 classes
 */
export async function readClassInfo(online: readonly BackendMonitor[], names: Iterable<string>): Promise<ObjectInfo> {
  if (online.length === 0) throw comfyuiUnavailable('No ComfyUI is online to describe the nodes of the document');
  const isKnown = (name: string) => online.some(({ offer }) => offer?.classes.has(name));
  const known = [...new Set(names)].filter(isKnown);
  if (known.length > MAX_CLASSES)
    throw badUserInput(`The document has ${known.length} node classes; the maximum is ${MAX_CLASSES}`, 'document');
  const found: [string, NodeInfo][] = [];
  // The readers share one iterator.
  const rest = known.values();
  const read = async () => {
    for (const name of rest) {
      const info = await readOne(online, name);
      if (info) found.push([name, info]);
    }
  };
  await Promise.all(Array.from({ length: MAX_REQUESTS }, read));
  return Object.fromEntries(found);
}

async function readOne(online: readonly BackendMonitor[], name: string): Promise<NodeInfo | undefined> {
  for (const { comfyui, offer } of online) {
    if (!offer?.classes.has(name)) continue;
    try {
      return await comfyui.nodeInfo(name);
    } catch (error) {
      if (!(error instanceof UnreachableError)) throw error;
    }
  }
  throw comfyuiUnavailable('No ComfyUI responds that has the nodes of the document');
}
