/** The GraphQL types of a generation that are no rows of their own. */
import { Field, Float, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Generation } from '../generation.js';

@ObjectType({ description: 'How far the backend has come with a generation.' })
export class Progress {
  @Field(() => Float, { description: 'From 0 to below 1 over the whole graph. Never falls while an attempt lasts.' })
  fraction!: number;

  @Field(() => Int, { description: 'Nodes of the graph that are done.' })
  nodesDone!: number;

  @Field(() => Int, { description: 'Nodes of the graph that are to be done.' })
  nodesTotal!: number;

  @Field(() => String, { nullable: true, description: 'The title of the node at work, such as `KSampler`.' })
  node!: string | null;

  @Field(() => Int, { nullable: true, description: 'The step the node is at.' })
  step!: number | null;

  @Field(() => Int, { nullable: true, description: 'The steps the node takes.' })
  totalSteps!: number | null;

  @Field(() => Float, {
    nullable: true,
    description: 'Seconds left, from how long the same work took before; null until that is known.',
  })
  eta!: number | null;

  @Field(() => String, { nullable: true, description: 'The newest preview frame: a new URL for every frame.' })
  previewUrl!: string | null;

  @Field(() => Date, { description: 'When this was seen.' })
  updatedAt!: string;
}

@ObjectType({ description: 'A generation in a list, with its place there.' })
export class GenerationEdge {
  @Field(() => String, { description: 'Where in the list: for `after` and `before`.' })
  cursor!: string;

  @Field(() => Generation, { description: 'What is there.' })
  node!: Generation;
}

@ObjectType({ description: 'A page of generations.' })
export class GenerationConnection {
  @Field(() => [GenerationEdge], { description: 'The page, with cursors.' })
  edges!: GenerationEdge[];
}

export const ChangeKinds = { CREATED: 'CREATED', UPDATED: 'UPDATED', DELETED: 'DELETED', GAP: 'GAP' } as const;
export type ChangeKind = keyof typeof ChangeKinds;
registerEnumType(ChangeKinds, {
  name: 'ChangeKind',
  description: 'What happened to a generation.',
  valuesConfig: {
    CREATED: { description: 'It was asked for.' },
    UPDATED: { description: 'Its status, its progress or its place in the queue changed.' },
    DELETED: { description: 'It is gone.' },
    GAP: {
      description: 'More has happened than is remembered since the cursor: read the list anew. Its generation is null.',
    },
  },
});

@ObjectType({ description: 'Something happened to one of the viewer’s generations.' })
export class GenerationChange {
  @Field(() => ChangeKinds, { description: 'What happened.' })
  kind!: ChangeKind;

  @Field(() => String, { description: 'Resumes the stream after this change: pass it as `after`.' })
  cursor!: string;

  @Field(() => ID, {
    nullable: true,
    description:
      "The generation's id; null for a GAP. It is not called `id`, so that normalising caches do not take the change for the generation.",
  })
  generationId!: string | null;

  @Field(() => Generation, { nullable: true, description: 'The generation as it is now; null for DELETED and GAP.' })
  generation!: Generation | null;
}
