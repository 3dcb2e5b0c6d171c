/** Which input of a bypassed node takes the place of its output. */
import type { ObjectInfo } from '../../../comfyui/protocol/protocol.js';
import { AUTOGROW, classOf, inputsOf, isWidget } from './class-inputs.js';
import type { Definition, Port, Slot, UiNode } from './document.js';

/** @param wanted the type of the input at the end of the link */
export function bypassed(node: UiNode, output: number, wanted: string, slots: Slot[]): Slot | undefined {
  const same = slots[output];
  if (wanted === '*' || wanted === '') return same ?? slots[0];
  const own = node.outputs[output]?.type ?? '*';
  const doesFit = (slot: Slot) => isCompatible(slot.type, own) && isCompatible(slot.type, wanted);
  if (same && doesFit(same)) return same;
  return slots.find(({ type }) => type === wanted) ?? slots.find(doesFit);
}

/** The slots as the page has them: sockets first, then those of widgets. A file leaves out the widgets' slots that are not linked. */
export function liveSlots(node: UiNode, catalogue: ObjectInfo, definition: Definition | undefined): Slot[] {
  const info = classOf(catalogue, node.type);
  const inFile = new Map(node.inputs.map((slot) => [slot.name, slot]));
  if (definition) {
    const isWidget = new Set(definition.widgets);
    const toSlot = ({ name, type }: Port) =>
      inFile.get(name) ?? { name, type, link: undefined, isWidget: isWidget.has(name), label: undefined };
    return definition.inputs.map(toSlot);
  }
  if (!info) return node.inputs;
  const inputs = inputsOf(info);
  const ordered = [...inputs.filter((input) => !isWidget(input)), ...inputs.filter(isWidget)];
  const live = ordered.flatMap((input) => {
    if (input.type === AUTOGROW) return node.inputs.filter(({ name }) => name.startsWith(`${input.name}.`));
    if (input.options.socketless) return [];
    const { name, type } = input;
    return [inFile.get(name) ?? { name, type, link: undefined, isWidget: isWidget(input), label: undefined }];
  });
  const known = new Set(live);
  return [...live, ...node.inputs.filter((slot) => !known.has(slot))];
}

/** Types fit if they are equal but for case, if one is `*`, or if lists of types share one. */
function isCompatible(one: string, other: string): boolean {
  if (one === other || one === '*' || other === '*' || one === '' || other === '') return true;
  if (!one.includes(',') && !other.includes(',')) return one.toLowerCase() === other.toLowerCase();
  const types = new Set(one.toLowerCase().split(','));
  return other
    .toLowerCase()
    .split(',')
    .some((type) => types.has(type));
}
