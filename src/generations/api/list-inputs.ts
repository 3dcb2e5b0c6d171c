/** What narrows and orders a list of generations. */
import { Field, InputType, registerEnumType } from 'type-graphql';
import { GenerationStatus } from '../status.js';

export enum SortDirection {
  ASC = 'ASC',
  DESC = 'DESC',
}
registerEnumType(SortDirection, {
  name: 'SortDirection',
  description: 'Which end of an order comes first.',
  valuesConfig: {
    ASC: { description: 'The oldest.' },
    DESC: { description: 'The newest.' },
  },
});

export enum GenerationOrderField {
  CREATED_AT = 'CREATED_AT',
  COMPLETED_AT = 'COMPLETED_AT',
}
registerEnumType(GenerationOrderField, {
  name: 'GenerationOrderField',
  description: 'By what generations are ordered.',
  valuesConfig: {
    CREATED_AT: { description: 'When they were asked for.' },
    COMPLETED_AT: { description: 'When they ended. The unfinished come first in DESC and last in ASC.' },
  },
});

@InputType({ description: 'Which generations to list: those that meet every condition given.' })
export class GenerationFilter {
  @Field(() => [GenerationStatus], { nullable: true, description: 'In one of these.' })
  status?: GenerationStatus[] | null;

  @Field(() => String, { nullable: true, description: "A model's name." })
  model?: string | null;

  @Field(() => String, { nullable: true, description: "A workflow's name." })
  workflow?: string | null;

  @Field(() => String, { nullable: true, description: 'A part of the prompt, in any script, whatever the case.' })
  search?: string | null;

  @Field(() => Date, { nullable: true, description: 'Asked for after this instant.' })
  createdAfter?: Date | null;

  @Field(() => Date, { nullable: true, description: 'Asked for before this instant.' })
  createdBefore?: Date | null;
}

@InputType({ description: 'How to order generations.' })
export class GenerationOrder {
  @Field(() => GenerationOrderField, { defaultValue: GenerationOrderField.CREATED_AT, description: 'By what.' })
  field: GenerationOrderField = GenerationOrderField.CREATED_AT;

  @Field(() => SortDirection, { defaultValue: SortDirection.DESC, description: 'Which way.' })
  direction: SortDirection = SortDirection.DESC;
}
