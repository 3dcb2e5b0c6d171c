/** A node class or a model file that no ComfyUI has: in `Workflow.missing`, and in the extensions of an error. */
import { Field, ObjectType, registerEnumType } from 'type-graphql';

const MissingKind = { NODE: 'NODE', MODEL: 'MODEL' } as const;
registerEnumType(MissingKind, {
  name: 'MissingKind',
  description: 'What is missing.',
  valuesConfig: { NODE: { description: 'A class of nodes.' }, MODEL: { description: 'A model file.' } },
});

@ObjectType({ description: 'A node class or a model file that no ComfyUI has.' })
export class MissingPart {
  @Field(() => MissingKind, { description: 'Whether it is a node class or a model.' })
  kind!: keyof typeof MissingKind;

  @Field(() => String, { description: 'The name of the class, or the path of the model within its folder.' })
  name!: string;

  @Field(() => String, {
    nullable: true,
    description:
      'The folder below `models` of ComfyUI that the model belongs in, such as `loras`; null for a node class, and for an unknown folder.',
  })
  folder!: string | null;

  @Field(() => [String], { description: 'Similar names that a ComfyUI has.' })
  suggestions!: string[];

  @Field(() => String, {
    nullable: true,
    description: "Where to download the model, if the workflow's author says so.",
  })
  url!: string | null;
}
