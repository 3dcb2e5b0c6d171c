/** The filter and the order of a list of generations. */
import { Field, InputType, registerEnumType } from 'type-graphql';
import { WorkflowOutputKind } from '../../workflows/api/enums.js';
import type { OutputKind } from '../../workflows/workflow.js';
import { GenerationStatus } from '../status.js';

export enum SortDirection {
  ASC = 'ASC',
  DESC = 'DESC',
}
registerEnumType(SortDirection, {
  name: 'SortDirection',
  description: 'The direction of an order.',
  valuesConfig: {
    ASC: { description: 'Oldest first.' },
    DESC: { description: 'Newest first.' },
  },
});

export enum GenerationOrderField {
  CREATED_AT = 'CREATED_AT',
  COMPLETED_AT = 'COMPLETED_AT',
}
registerEnumType(GenerationOrderField, {
  name: 'GenerationOrderField',
  description: 'The time by which generations are ordered.',
  valuesConfig: {
    CREATED_AT: { description: 'When they were created.' },
    COMPLETED_AT: { description: 'When they ended. Unfinished generations come first in DESC and last in ASC.' },
  },
});

@InputType({ description: 'Selects the generations that meet every given condition.' })
export class GenerationFilter {
  @Field(() => [GenerationStatus], { nullable: true, description: 'Has one of these statuses.' })
  status?: GenerationStatus[] | null;

  @Field(() => [WorkflowOutputKind], { nullable: true, description: 'Has an output of one of these kinds.' })
  outputKind?: OutputKind[] | null;

  @Field(() => String, { nullable: true, description: "A model's name." })
  model?: string | null;

  @Field(() => String, { nullable: true, description: "A workflow's name." })
  workflow?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'A part of the prompt, in any script, case-insensitive. Up to 200 characters.',
  })
  search?: string | null;

  @Field(() => Boolean, { nullable: true, description: 'Is a favorite, or is none.' })
  isFavorite?: boolean | null;

  @Field(() => Date, { nullable: true, description: 'Created after this instant.' })
  createdAfter?: Date | null;

  @Field(() => Date, { nullable: true, description: 'Created before this instant.' })
  createdBefore?: Date | null;
}

@InputType({ description: 'The order of a list of generations.' })
export class GenerationOrder {
  @Field(() => GenerationOrderField, {
    defaultValue: GenerationOrderField.CREATED_AT,
    description: 'The time to order by.',
  })
  field: GenerationOrderField = GenerationOrderField.CREATED_AT;

  @Field(() => SortDirection, { defaultValue: SortDirection.DESC, description: 'The direction.' })
  direction: SortDirection = SortDirection.DESC;
}
