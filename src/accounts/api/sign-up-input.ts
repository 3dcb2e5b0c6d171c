import { Field, InputType } from 'type-graphql';

@InputType({ description: 'Who gets an account.' })
export class SignUpInput {
  @Field(() => String, { description: 'Upper and lower case are the same.' })
  email!: string;

  @Field(() => String, { description: '8 to 128 characters.' })
  password!: string;

  @Field(() => String, { nullable: true, description: 'What to call the user, up to 100 characters.' })
  name?: string | null;
}
