/** Finds the field of the form that an error of `saveWorkflow` is about. */
import type { Problem } from '../../api/errors';
import type { InputForm } from './form';

export type InputPart = 'name' | 'title' | 'description' | 'group' | 'default' | 'min' | 'max' | 'choices' | 'type';

/** `key` names the input; without it the problem is about the workflow. */
export type Fault = {
  message: string;
  field: string | undefined;
  key?: string | undefined;
  part?: InputPart | undefined;
};

const PARTS: readonly [RegExp, InputPart][] = [
  [/ is no name of an input|two bindings have this name/, 'name'],
  [/the default is invalid|has no default/, 'default'],
  [/: choices |a choice has|CHOICE needs/, 'choices'],
  [/: min /, 'min'],
  [/: max /, 'max'],
  [/: title /, 'title'],
  [/: description /, 'description'],
  [/: group /, 'group'],
  [/; its input /, 'type'],
];

export function faultOf({ message, field, nodeId }: Problem, inputs: readonly InputForm[]): Fault {
  if (field !== 'inputs') return { message, field };
  const named = inputs.findLast(({ name }) => message.startsWith(`Input ${name}:`) || message.startsWith(`${name} is`));
  const placed = inputs.filter((input) => [input, ...input.also].some((place) => place.nodeId === nodeId));
  const input = named ?? placed.find((each) => message.includes(`input ${each.input}:`)) ?? placed[0];
  return { message, field, key: input?.key, part: PARTS.find(([pattern]) => pattern.test(message))?.[1] };
}
