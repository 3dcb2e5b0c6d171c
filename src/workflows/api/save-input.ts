/** The input of `saveWorkflow`. */
import { Field, Float, InputType as GraphQLInput } from 'type-graphql';
import { JSONValue } from '../../graphql/scalars.js';
import type { InputType } from '../workflow.js';
import { WorkflowInputType } from './enums.js';

@GraphQLInput({ description: 'An input of a node.' })
class NodeInput {
  @Field(() => String, { description: 'The id of the node.' })
  nodeId!: string;

  @Field(() => String, { description: 'The name of its input.' })
  input!: string;
}

@GraphQLInput({
  description:
    'A named input, and the places in the graph that take its value. Parts that are left out come from the graph and from ComfyUI.',
})
class WorkflowInputBinding {
  @Field(() => String, { description: 'A letter, then letters, digits and underscores, up to 64; such as `prompt`.' })
  name!: string;

  @Field(() => String, { description: 'The id of the node that takes the value.' })
  nodeId!: string;

  @Field(() => String, {
    description: 'The name of its input. It must not be a link, except for LORAS: they are chained behind its source.',
  })
  input!: string;

  @Field(() => [NodeInput], { nullable: true, description: 'Further places that take the same value.' })
  also?: NodeInput[] | null;

  @Field(() => String, { nullable: true, description: 'A name for people.' })
  title?: string | null;

  @Field(() => WorkflowInputType, { nullable: true, description: 'A type that the input of the node takes.' })
  type?: InputType | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'Whether a value is required; when left out, only if there is no default.',
  })
  required?: boolean | null;

  @Field(() => JSONValue, { nullable: true, description: 'When left out, the value in the graph.' })
  default?: unknown;

  @Field(() => Float, { nullable: true, description: 'The smallest value, within the bounds of ComfyUI.' })
  min?: number | null;

  @Field(() => Float, { nullable: true, description: 'The largest value, within the bounds of ComfyUI.' })
  max?: number | null;

  @Field(() => [String], {
    nullable: true,
    description: 'The allowed values of a CHOICE; when left out, those that ComfyUI offers.',
  })
  choices?: string[] | null;

  @Field(() => String, { nullable: true, description: 'A description for people.' })
  description?: string | null;

  @Field(() => String, { nullable: true, description: 'Inputs of one group belong together in a form.' })
  group?: string | null;

  @Field(() => Boolean, { nullable: true, description: 'Whether a form may hide it.' })
  isAdvanced?: boolean | null;
}

@GraphQLInput({ description: 'A named output.' })
class WorkflowOutputBinding {
  @Field(() => String, { description: 'Letters, digits, dashes and underscores, up to 64.' })
  name!: string;

  @Field(() => String, { description: 'The id of an output node, such as a SaveImage.' })
  nodeId!: string;

  @Field(() => String, { nullable: true, description: 'A name for people.' })
  title?: string | null;
}

@GraphQLInput({ description: 'The workflow to save.' })
export class SaveWorkflowInput {
  @Field(() => String, { description: 'Lower-case letters, digits and dashes, up to 64.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'A name for people.' })
  title?: string | null;

  @Field(() => String, { nullable: true, description: 'A description for people.' })
  description?: string | null;

  @Field(() => JSONValue, { description: 'The graph in ComfyUI’s API format.' })
  graph!: unknown;

  @Field(() => [WorkflowInputBinding], { description: 'The inputs, in the order of a form.' })
  inputs!: WorkflowInputBinding[];

  @Field(() => [WorkflowOutputBinding], { nullable: true, description: 'When left out, every output node.' })
  outputs?: WorkflowOutputBinding[] | null;

  @Field(() => Boolean, { defaultValue: false, description: 'Whether everyone may use it. For admins.' })
  isShared!: boolean;
}
