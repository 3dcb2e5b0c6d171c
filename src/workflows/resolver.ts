/** The API of workflows and their inputs. */
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
import { MissingPart } from '../graphql/missing-part.js';
import { Node } from '../graphql/node.js';
import { JSONValue } from '../graphql/scalars.js';
import type { WorkflowsContext } from './context.js';
import { ModelKind } from './model-kind.js';
import { defaultGraph } from './sample-graph.js';
import type { Input, InputType, Workflow } from './workflow.js';

const WorkflowInputTypes: { [Type in InputType]: Type } = {
  STRING: 'STRING',
  INT: 'INT',
  FLOAT: 'FLOAT',
  BOOLEAN: 'BOOLEAN',
  SEED: 'SEED',
  CHOICE: 'CHOICE',
  MODEL: 'MODEL',
  LORAS: 'LORAS',
  IMAGE: 'IMAGE',
};
registerEnumType(WorkflowInputTypes, {
  name: 'WorkflowInputType',
  description: 'The type of a workflow input.',
  valuesConfig: {
    STRING: { description: 'Text.' },
    INT: { description: 'A whole number.' },
    FLOAT: { description: 'A number.' },
    BOOLEAN: { description: 'True or false.' },
    SEED: { description: 'An integer from 0 to 2^64-1; inside JSON a string.' },
    CHOICE: { description: 'One of `choices`.' },
    MODEL: { description: 'The name of a model.' },
    LORAS: { description: 'A list of `{ "name": …, "strength": 1 }`, applied in this order.' },
    IMAGE: { description: "The id of one of the viewer's images." },
  },
});

@ObjectType('WorkflowInput', { description: 'An input of a workflow.' })
class WorkflowInput {
  @Field(() => String, { description: 'The name to use in `createGeneration`, as a field or in `parameters`.' })
  name!: string;

  @Field(() => WorkflowInputTypes, { description: 'The type of its value.' })
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
}

@ObjectType('Workflow', {
  implements: Node,
  description: 'A way to make pictures: a ComfyUI graph with named, typed inputs.',
})
export class WorkflowType extends Node {
  @Field(() => String, { description: 'Such as `text-to-image`. The pair of name and version is unique.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'A description for people.' })
  description!: string | null;

  @Field(() => Int, { description: 'Increases when a workflow of the same name is saved again.' })
  version!: number;
}

@Resolver(() => WorkflowType)
export class WorkflowsResolver {
  @Query(() => [WorkflowType], {
    nullable: true,
    description: 'The newest version of each workflow that the viewer may use.',
  })
  workflows(@Ctx() context: WorkflowsContext): Promise<readonly Workflow[]> {
    return context.workflows.list(requireViewer(context).id);
  }

  @FieldResolver(() => [WorkflowInput], { description: 'The inputs of the workflow.' })
  inputs(@Root() workflow: Workflow, @Ctx() { backends }: WorkflowsContext): WorkflowInput[] {
    return workflow.inputs.map((input) => toWorkflowInput(input, backends.choices(input)));
  }

  @FieldResolver(() => [MissingPart], {
    description:
      'The node classes and models that the ComfyUI which lacks least of them does not have. Empty if one can run the workflow, or its catalogue was never read.',
  })
  missing(@Root() workflow: Workflow, @Ctx() { backends }: WorkflowsContext): MissingPart[] {
    return backends.missingParts(backends.check(defaultGraph(workflow)));
  }
}

const toWorkflowInput = (input: Input, offered: readonly string[] | undefined): WorkflowInput => ({
  name: input.name,
  type: input.type,
  description: input.description,
  required: input.required ?? false,
  default: input.default ?? null,
  min: input.min ?? null,
  max: input.max ?? null,
  step: input.step ?? null,
  choices: offered ?? input.choices ?? null,
  modelKind: input.type === 'MODEL' ? ModelKind[input.modelKind ?? 'CHECKPOINT'] : null,
});
