/** GraphQL types of generations that have no table. */
import { Field, Float, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Generation } from '../generation.js';

@ObjectType({ description: 'The progress of the current attempt at its backend.' })
export class Progress {
  @Field(() => Float, { description: 'From 0 to below 1 over the whole graph. Never falls within an attempt.' })
  fraction!: number;

  @Field(() => Int, { description: 'The number of finished nodes.' })
  nodesDone!: number;

  @Field(() => Int, { description: 'The number of nodes to execute.' })
  nodesTotal!: number;

  @Field(() => String, { nullable: true, description: 'The title of the executing node, such as `KSampler`.' })
  node!: string | null;

  @Field(() => Int, { nullable: true, description: 'The current step of the node.' })
  step!: number | null;

  @Field(() => Int, { nullable: true, description: 'The total steps of the node.' })
  totalSteps!: number | null;

  @Field(() => Float, {
    nullable: true,
    description: 'Remaining seconds, estimated from earlier runs of the same kind; null before the first.',
  })
  eta!: number | null;

  @Field(() => String, {
    nullable: true,
    description:
      'The newest preview frame. Each frame has a URL of its own, which returns 204 once the generation has ended.',
  })
  previewUrl!: string | null;

  @Field(() => Date, { description: 'The time of this progress.' })
  updatedAt!: string;
}

@ObjectType({ description: 'A generation in a list, with its cursor.' })
export class GenerationEdge {
  @Field(() => String, { description: 'The position in the list, for `after` and `before`.' })
  cursor!: string;

  @Field(() => Generation, { description: 'The generation.' })
  node!: Generation;
}

@ObjectType({ description: 'A page of generations.' })
export class GenerationConnection {}

export const ChangeKinds = { CREATED: 'CREATED', UPDATED: 'UPDATED', DELETED: 'DELETED', GAP: 'GAP' } as const;
export type ChangeKind = keyof typeof ChangeKinds;
registerEnumType(ChangeKinds, {
  name: 'ChangeKind',
  description: 'The kind of a change.',
  valuesConfig: {
    CREATED: { description: 'The generation was created.' },
    UPDATED: { description: 'Its status, progress or queue position changed.' },
    DELETED: { description: 'The generation was deleted.' },
    GAP: {
      description: 'Some changes since the cursor are no longer known: read the list again. The generation is null.',
    },
  },
});

@ObjectType({ description: 'A change of one of the viewer’s generations.' })
export class GenerationChange {
  @Field(() => ChangeKinds, { description: 'The kind of the change.' })
  kind!: ChangeKind;

  @Field(() => String, { description: 'Resumes the stream after this change: pass it as `after`.' })
  cursor!: string;

  @Field(() => ID, {
    nullable: true,
    description:
      "The generation's id; null for a GAP. Not named `id`, so that normalizing caches do not mistake the change for the generation.",
  })
  generationId!: string | null;

  @Field(() => Generation, { nullable: true, description: 'The current generation; null for DELETED and GAP.' })
  generation!: Generation | null;
}
