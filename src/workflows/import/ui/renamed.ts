/** Names that the page corrects when it loads an old file, and values that only a package's JavaScript names. */
import { isObject, isString } from '../../../comfyui/protocol/json/json.js';
import type { UiNode } from './document.js';

const CLASSES = new Map([
  ['T2IAdapterLoader', 'ControlNetLoader'],
  ['ConditioningAverage ', 'ConditioningAverage'],
  ['SDV_img2vid_Conditioning', 'SVD_img2vid_Conditioning'],
]);

/** The newest name of a class. */
export const currentClass = (type: string): string => CLASSES.get(type) ?? type;

export function currentNames(node: UiNode): UiNode {
  const type = currentClass(node.type);
  if (type === POWER_LORA_LOADER) return { ...node, values: lorasOf(node), named: undefined };
  if (type !== 'KSampler' && type !== 'KSamplerAdvanced') return { ...node, type };
  const correct = (value: unknown) => (typeof value === 'string' ? value.replace(/^sample_/, '') : value);
  const values = Array.isArray(node.values) ? node.values.map(correct) : node.values;
  return { ...node, type, values };
}

const POWER_LORA_LOADER = 'Power Lora Loader (rgthree)';

/** Its rows are `lora_1`, `lora_2` and so on. The second strength counts only where the node shows both. */
function lorasOf({ values, properties }: UiNode): UiNode['values'] {
  const rows = (Array.isArray(values) ? values : []).filter((value) => isObject(value) && isString(value.lora));
  const isSingle = !/separate/i.test(String(properties['Show Strengths']));
  return Object.fromEntries(
    rows.map(({ on, lora, strength, strengthTwo }, index) => [
      `lora_${index + 1}`,
      { on, lora, strength, ...(!isSingle && { strengthTwo: strengthTwo ?? 1 }) },
    ]),
  );
}
