/** The input of `createGeneration`. Its bounds are those of the workflow's inputs. */
import { Field, Float, ID, InputType, Int } from 'type-graphql';
import { JSONValue, Seed } from '../../graphql/scalars.js';

@InputType({ description: 'A LoRA to apply.' })
class LoraInput {
  @Field(() => String, { description: "The model's name, of the kind LORA." })
  name!: string;

  @Field(() => Float, {
    defaultValue: 1,
    description: 'How strongly to apply it, -10 to 10. Negative values invert it.',
  })
  strength!: number;
}

@InputType({
  description:
    'The image to make. BAD_USER_INPUT names the field of an input that the workflow does not take, of an input given both here and in `parameters`, and of an unknown parameter. A workflow lists the bounds of its inputs as `inputs`; the bounds of the built-in workflows are given here.',
})
export class CreateGenerationInput {
  @Field(() => String, {
    nullable: true,
    description: '1 to 10,000 characters, not only spaces, if the workflow requires a prompt.',
  })
  prompt?: string | null;

  @Field(() => String, { nullable: true, description: 'Up to 10,000 characters.' })
  negativePrompt?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      "A model's name. With `text-to-image`, `image-to-image` and `inpaint` it also chooses the workflow of its family, such as `z-image-turbo`. When left out: DEFAULT_MODEL, else the checkpoint that most online backends have (among equals the first by name; one whose name tells that it makes no pictures only as the last resort), else BAD_USER_INPUT. While a configured backend has never been online, names are not validated: the generation is accepted, and validated when a catalogue arrives.",
  })
  model?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "A workflow's name. When left out: `text-to-image`, or `image-to-image` when `source` is given.",
  })
  workflow?: string | null;

  @Field(() => Seed, { nullable: true, description: 'Random when left out; -1 is invalid.' })
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
      "64 to 2048 in steps of 8 or more. The workflow's default when left out. With `source`: its size, or its aspect ratio if only the other side is given.",
  })
  width?: number | null;

  @Field(() => Int, {
    nullable: true,
    description:
      "64 to 2048 in steps of 8 or more. The workflow's default when left out. With `source`: its size, or its aspect ratio if only the other side is given.",
  })
  height?: number | null;

  @Field(() => Int, { nullable: true, description: '1 to 8.' })
  batchSize?: number | null;

  @Field(() => ID, {
    nullable: true,
    description:
      "The picture to start from: the id of one of the viewer's images or filled uploads. Also stands for the workflow's only input of type IMAGE.",
  })
  source?: string | null;

  @Field(() => [LoraInput], {
    nullable: true,
    description: 'Up to 8 LoRAs, applied in this order, for a workflow that takes them.',
  })
  loras?: LoraInput[] | null;

  @Field(() => Float, { nullable: true, description: 'How much of `source` to change, 0 to 1.' })
  denoise?: number | null;

  @Field(() => JSONValue, {
    nullable: true,
    description:
      'In place of a workflow: a graph in ComfyUI’s API format, or a document that `importWorkflow` takes and carries over whole. FORBIDDEN unless WORKFLOW_AUTHORS lets the viewer. It is kept as an unlisted workflow, the same graph once. Each constant is an input `nodeId.input`, which `parameters` may change; an input that names a file has to be given so.',
  })
  graph?: unknown;

  @Field(() => JSONValue, {
    nullable: true,
    description: 'Further inputs of the workflow, by name. Pass an integer above 2^53-1 as a string.',
  })
  parameters?: unknown;

  @Field(() => String, {
    nullable: true,
    description:
      'An https URL that is notified when this generation ends, with the rules and the body of a `Webhook`, but without a signature: put a secret of your own into its path or query. A retry has the same URL.',
  })
  webhookUrl?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: "Higher goes first among the viewer's own generations; -10 to 10, 0 when left out.",
  })
  priority?: number | null;

  @Field(() => String, {
    nullable: true,
    description:
      '1 to 255 characters. The same key with the same input returns the same generation; with a different input it is a CONFLICT. Deleting the generation frees the key.',
  })
  idempotencyKey?: string | null;
}
