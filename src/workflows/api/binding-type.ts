/** The GraphQL type of the inputs of a saved workflow, as `saveWorkflow` takes them. */
import { Field, Float, ObjectType } from 'type-graphql';
import { JSONValue } from '../../graphql/scalars.js';
import type { Input, InputType, Place } from '../workflow.js';
import { WorkflowInputType } from './enums.js';
import { NodePlace } from './types.js';

@ObjectType('WorkflowBinding', {
  description: 'An input of a saved workflow, as `inputs` of `saveWorkflow` takes it.',
})
export class WorkflowBindingType extends NodePlace {
  @Field(() => String, { description: 'The name of the input.' })
  name!: string;

  @Field(() => [NodePlace], { description: 'Further places that take the same value.' })
  also!: readonly NodePlace[];

  @Field(() => String, { nullable: true, description: 'A name for people, if the author gave one.' })
  title!: string | null;

  @Field(() => WorkflowInputType, { description: 'The type of its value.' })
  type!: InputType;

  @Field(() => Boolean, { description: 'Whether a value is required.' })
  required!: boolean;

  @Field(() => JSONValue, { nullable: true, description: 'The value when the input is left out.' })
  default!: unknown;

  @Field(() => Float, { nullable: true, description: 'The smallest value.' })
  min!: number | null;

  @Field(() => Float, { nullable: true, description: 'The largest value.' })
  max!: number | null;

  @Field(() => [String], { nullable: true, description: 'The choices of the author; null for those of ComfyUI.' })
  choices!: readonly string[] | null;

  @Field(() => String, { nullable: true, description: 'A description for people.' })
  description!: string | null;

  @Field(() => String, { nullable: true, description: 'Inputs of one group belong together in a form.' })
  group!: string | null;

  @Field(() => Boolean, { description: 'Whether a form may hide it.' })
  isAdvanced!: boolean;
}

/** @param places that take the value of the input */
export function toBinding(input: Input, [first, ...others]: readonly Place[]): WorkflowBindingType {
  if (!first) throw new Error(`The input ${input.name} has no place`);
  // LORAS that replace a loader are bound to its `lora_name` alone.
  const replacesLoader = input.type === 'LORAS' && first.input === 'lora_name';
  return {
    ...first,
    name: input.name,
    also: replacesLoader ? [] : others,
    title: input.title ?? null,
    type: input.type,
    required: input.required ?? false,
    default: input.default ?? null,
    min: input.min ?? null,
    max: input.max ?? null,
    choices: input.catalogue ? null : (input.choices ?? null),
    description: input.description ?? null,
    group: input.group ?? null,
    isAdvanced: input.isAdvanced ?? false,
  };
}
