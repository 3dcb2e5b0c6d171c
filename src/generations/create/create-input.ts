/** What `createGeneration` takes. Its bounds are those of the workflow's inputs. */
import { Field, Float, ID, InputType, Int } from 'type-graphql';
import { JSONValue, Seed } from '../../graphql/scalars.js';

@InputType({
  description:
    'What picture to make. An input that the workflow does not take, one given twice (here and in `parameters`), and an unknown parameter are BAD_USER_INPUT naming it. Bounds of a workflow’s own inputs are its `inputs`; those of the built-in ones are written here.',
})
export class CreateGenerationInput {
  @Field(() => String, {
    nullable: true,
    description: '1 to 10,000 characters and not only spaces, where the workflow needs one.',
  })
  prompt?: string | null;

  @Field(() => String, { nullable: true, description: 'Up to 10,000 characters.' })
  negativePrompt?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      "A model's name. Without it: DEFAULT_MODEL, else the first available checkpoint by name, else BAD_USER_INPUT saying that none is installed. While a configured backend has never been seen, names are not judged: the generation is accepted, and judged when a catalogue arrives.",
  })
  model?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "A workflow's name. Without it: `text-to-image`, or `image-to-image` when `source` is given.",
  })
  workflow?: string | null;

  @Field(() => Seed, { nullable: true, description: 'Drawn at random when left out (-1 is refused).' })
  seed?: string | null;

  @Field(() => Int, { nullable: true, description: '1 to 150.' })
  steps?: number | null;

  @Field(() => Float, { nullable: true, description: '0 to 30.' })
  guidance?: number | null;

  @Field(() => String, { nullable: true, description: 'One of the choices that the workflow lists.' })
  sampler?: string | null;

  @Field(() => String, { nullable: true, description: 'One of the choices that the workflow lists.' })
  scheduler?: string | null;

  @Field(() => Int, {
    nullable: true,
    description:
      '64 to 2048 in steps of 8. 512 when left out; with `source` its size, or its proportions where only the other side is given.',
  })
  width?: number | null;

  @Field(() => Int, {
    nullable: true,
    description:
      '64 to 2048 in steps of 8. 512 when left out; with `source` its size, or its proportions where only the other side is given.',
  })
  height?: number | null;

  @Field(() => Int, { nullable: true, description: '1 to 8.' })
  batchSize?: number | null;

  @Field(() => ID, { nullable: true, description: "The picture to start from: the id of one of the viewer's images." })
  source?: string | null;

  @Field(() => Float, { nullable: true, description: 'How much of `source` to repaint, 0 to 1.' })
  denoise?: number | null;

  @Field(() => JSONValue, {
    nullable: true,
    description: 'Further inputs of the workflow, by name. A number above 2^53-1 is refused: write it as a string.',
  })
  parameters?: unknown;

  @Field(() => Int, {
    nullable: true,
    description: "Higher goes first among the viewer's own; -10 to 10, 0 when left out.",
  })
  priority?: number | null;

  @Field(() => String, {
    nullable: true,
    description:
      '1 to 255 characters. The same key with the same input answers with the same generation; with another input it is a CONFLICT. Deleting the generation frees the key.',
  })
  idempotencyKey?: string | null;
}
