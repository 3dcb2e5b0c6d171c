/** What workflows there are, and what each takes. */
import {
  Ctx,
  Field,
  FieldResolver,
  Float,
  Int,
  ObjectType,
  Query,
  Resolver,
  Root,
  registerEnumType,
} from 'type-graphql';
import { requireViewer } from '../accounts/viewer.js';
import { Node } from '../graphql/node.js';
import { JSONValue } from '../graphql/scalars.js';
import type { WorkflowsContext } from './context.js';
import type { Input, InputType, Workflow } from './workflow.js';

const WorkflowInputTypes: { [Type in InputType]: Type } = {
  STRING: 'STRING',
  INT: 'INT',
  FLOAT: 'FLOAT',
  BOOLEAN: 'BOOLEAN',
  SEED: 'SEED',
  CHOICE: 'CHOICE',
  MODEL: 'MODEL',
  IMAGE: 'IMAGE',
};
registerEnumType(WorkflowInputTypes, {
  name: 'WorkflowInputType',
  description: 'What an input of a workflow holds.',
  valuesConfig: {
    STRING: { description: 'Text.' },
    INT: { description: 'A whole number.' },
    FLOAT: { description: 'A number.' },
    BOOLEAN: { description: 'True or false.' },
    SEED: { description: 'An integer from 0 to 2^64-1; inside JSON a string.' },
    CHOICE: { description: 'One of `choices`.' },
    MODEL: { description: "A model's name." },
    IMAGE: { description: "The id of one of the viewer's images." },
  },
});

@ObjectType('WorkflowInput', { description: 'An input of a workflow.' })
export class WorkflowInput {
  @Field(() => String, { description: 'As `createGeneration` takes it, itself or in `parameters`.' })
  name!: string;

  @Field(() => WorkflowInputTypes, { description: 'What it holds.' })
  type!: InputType;

  @Field(() => String, { nullable: true, description: 'For people.' })
  description!: string | null;

  @Field(() => Boolean, { description: 'Whether it must be given.' })
  required!: boolean;

  @Field(() => JSONValue, { nullable: true, description: 'Used when it is left out. Seeds inside JSON are strings.' })
  default!: unknown;

  @Field(() => Float, { nullable: true, description: 'Null for a SEED, which goes from 0 to 2^64-1.' })
  min!: number | null;

  @Field(() => Float, { nullable: true, description: 'The largest value; of a STRING its length in characters.' })
  max!: number | null;

  @Field(() => Float, { nullable: true, description: 'Values are multiples of it.' })
  step!: number | null;

  @Field(() => [String], { nullable: true, description: 'What a CHOICE may be.' })
  choices!: readonly string[] | null;
}

@ObjectType('Workflow', {
  implements: Node,
  description: 'A way of making pictures that this server knows: a ComfyUI graph and the named, typed inputs it takes.',
})
export class WorkflowType extends Node {
  @Field(() => String, { description: 'Such as `text-to-image`. Name and version together are unique.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'For people.' })
  description!: string | null;

  @Field(() => Int, { description: 'Rises when a workflow of the same name is saved again.' })
  version!: number;
}

@Resolver(() => WorkflowType)
export class WorkflowsResolver {
  @Query(() => [WorkflowType], { nullable: true, description: 'The newest version of each.' })
  workflows(@Ctx() context: WorkflowsContext): Promise<readonly Workflow[]> {
    return context.workflows.list(requireViewer(context).id);
  }

  @FieldResolver(() => [WorkflowInput], { description: 'What it takes.' })
  inputs(@Root() workflow: Workflow, @Ctx() { backends }: WorkflowsContext): WorkflowInput[] {
    return workflow.inputs.map((input) => describe(input, backends.choices(input)));
  }
}

const describe = (input: Input, offered: readonly string[] | undefined): WorkflowInput => ({
  name: input.name,
  type: input.type,
  description: input.description,
  required: input.required ?? false,
  default: input.default ?? null,
  min: input.min ?? null,
  max: input.max ?? null,
  step: input.step ?? null,
  choices: offered ?? input.choices ?? null,
});
