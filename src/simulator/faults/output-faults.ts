/** Applies faults at `output`: they change the bytes of a file, the name that is reported, or drop the file from the report. */
import type { FileItem } from '../../comfyui/protocol/protocol.js';
import type { Action } from './faults.js';

export function applyOutputFaults(
  actions: Action[],
  item: FileItem,
  bytes: Uint8Array,
): { items: FileItem[]; bytes: Uint8Array } {
  let result = { items: [item], bytes };
  for (const action of actions) {
    if (action.do === 'omit') result = { ...result, items: [] };
    if (action.do === 'write') {
      const { body, encoding = 'utf8' } = action;
      result = { ...result, bytes: typeof body === 'string' ? Buffer.from(body, encoding) : body };
    }
    if (action.do === 'name') {
      const { filename, subfolder = item.subfolder } = action;
      result = { ...result, items: [{ ...item, filename, subfolder }] };
    }
  }
  return result;
}
