/** Finds the node classes that a document may have, before it is converted. */
import { isObject, isString } from '../../comfyui/protocol/json/json.js';
import type { Source } from './import.js';
import { currentClass } from './ui/renamed.js';

/** Every text that a member `type` or `class_type` has, at any level: also types of links, which no server has as classes. */
export function classNames({ parts }: Source): Set<string> {
  const names = new Set<string>();
  // Without recursion: the bounds of a document leave room for deep ones.
  const open: unknown[] = [parts.workflow, parts.prompt];
  while (open.length > 0) {
    const value = open.pop();
    if (Array.isArray(value)) for (const each of value) open.push(each);
    if (!isObject(value)) continue;
    for (const name of [value.type, value.class_type]) if (isString(name)) names.add(currentClass(name));
    for (const each of Object.values(value)) open.push(each);
  }
  return names;
}
