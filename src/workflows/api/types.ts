/** The GraphQL types of workflows. */
import { Field, Float, Int, ObjectType } from 'type-graphql';
import { Node } from '../../graphql/node.js';
import { JSONValue } from '../../graphql/scalars.js';
import { ModelKind } from '../model-kind.js';
import type { Input, InputType, Output, OutputKind } from '../workflow.js';
import { WorkflowInputType, WorkflowOutputKind } from './enums.js';

@ObjectType({ description: 'An input of a workflow.' })
export class WorkflowInput {
  @Field(() => String, { description: 'The name to use in `createGeneration`, as a field or in `parameters`.' })
  name!: string;

  @Field(() => String, { description: 'A name for people: the input’s name if the author gave none.' })
  title!: string;

  @Field(() => WorkflowInputType, { description: 'The type of its value.' })
  type!: InputType;

  @Field(() => String, { nullable: true, description: 'A description for people.' })
  description!: string | null;

  @Field(() => Boolean, { description: 'Whether a value is required.' })
  required!: boolean;

  @Field(() => JSONValue, {
    nullable: true,
    description: 'The value when the input is left out. Seeds inside JSON are strings.',
  })
  default!: unknown;

  @Field(() => Float, {
    nullable: true,
    description:
      'The smallest value, or the minimum length of a STRING in characters. Null for a SEED: its range is 0 to 2^64-1.',
  })
  min!: number | null;

  @Field(() => Float, {
    nullable: true,
    description: 'The largest value, the maximum length of a STRING in characters, or the maximum number of LORAS.',
  })
  max!: number | null;

  @Field(() => Float, { nullable: true, description: 'Values are multiples of this number.' })
  step!: number | null;

  @Field(() => ModelKind, { nullable: true, description: 'The kind of a MODEL.' })
  modelKind!: ModelKind | null;

  @Field(() => [String], { nullable: true, description: 'The allowed values of a CHOICE.' })
  choices!: readonly string[] | null;

  @Field(() => Boolean, { description: 'Whether a STRING has several lines.' })
  isMultiline!: boolean;

  @Field(() => String, { nullable: true, description: 'Inputs of one group belong together in a form.' })
  group!: string | null;

  @Field(() => Boolean, { description: 'Whether a form may hide it, because few people need it.' })
  isAdvanced!: boolean;
}

@ObjectType({ description: 'A node of a workflow whose files or texts are kept.' })
export class WorkflowOutput implements Output {
  @Field(() => String, { description: 'Unique within the workflow.' })
  name!: string;

  @Field(() => String, { description: 'A name for people.' })
  title!: string;

  @Field(() => WorkflowOutputKind, { description: 'What it is.' })
  kind!: OutputKind;

  @Field(() => String, { description: 'The id of the node in the graph.' })
  nodeId!: string;
}

@ObjectType({ description: 'An input of a node.' })
export class NodePlace {
  @Field(() => String, { description: 'The id of the node.' })
  nodeId!: string;

  @Field(() => String, { description: 'The name of its input.' })
  input!: string;
}

@ObjectType('Workflow', {
  implements: Node,
  description:
    'A ComfyUI graph with named, typed inputs and named outputs: built in, or saved by a user. A saved one never changes: saving under the same name makes its next version. A name is searched among the own workflows first, then among the shared ones, then among the built-in ones; an id names one version.',
})
export class WorkflowType extends Node {
  @Field(() => String, { description: 'Lower-case letters, digits and dashes, up to 64, such as `text-to-image`.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'A description for people.' })
  description!: string | null;

  @Field(() => Int, {
    description: 'Increases when a workflow of the same name is saved again. Name and version are unique for an owner.',
  })
  version!: number;

  @Field(() => [WorkflowOutput], { description: 'The nodes whose files or texts are kept.' })
  outputs!: WorkflowOutput[];
}

export const toWorkflowInput = (input: Input, offered: readonly string[] | undefined): WorkflowInput => ({
  name: input.name,
  title: input.title ?? input.name,
  type: input.type,
  description: input.description ?? null,
  required: input.required ?? false,
  default: input.default ?? null,
  min: input.min ?? null,
  max: input.max ?? null,
  step: input.step ?? null,
  choices: input.type === 'CHOICE' ? (offered ?? input.choices ?? null) : null,
  isMultiline: input.isMultiline ?? false,
  group: input.group ?? null,
  isAdvanced: input.isAdvanced ?? false,
  modelKind: input.type === 'MODEL' ? ModelKind[input.modelKind ?? 'CHECKPOINT'] : null,
});
