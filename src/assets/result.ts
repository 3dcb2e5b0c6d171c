/** The result of a COMPLETED generation: its images, files and texts. */
import { OptionalProps } from '@mikro-orm/core';
import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { Field, ObjectType } from 'type-graphql';
import { v7 as uuid } from 'uuid';
import { Node } from '../graphql/node.js';

declare module '../db/query.js' {
  interface Tables {
    results: TableOf<Result>;
  }
}

@ObjectType({ description: 'A text that a node reported.' })
export class Text {
  @Field(() => String, { description: 'The text.' })
  text!: string;

  @Field(() => String, { description: "The name of the workflow's output, else the id of the node." })
  output!: string;
}

@Entity({ tableName: 'results' })
@ObjectType({ implements: Node, description: 'The result of a generation.' })
export class Result extends Node {
  [OptionalProps]?: 'createdAt' | 'texts' | 'problems';

  @PrimaryKey({ type: 'uuid' })
  override id: string = uuid();

  /** `generations/relations.ts` declares the relation, because assets must not import generations. */
  generationId!: string;

  @Property({ type: 'timestamptz', defaultRaw: 'now()' })
  @Field(() => Date, { description: 'When it was saved.' })
  createdAt!: Date;

  @Property({ type: 'json', defaultRaw: `'[]'` })
  @Field(() => [Text], {
    description:
      "The texts that nodes reported, in the order of the workflow's outputs: at most 100, of 100,000 characters each.",
  })
  texts!: Text[];

  @Property({ type: 'json', defaultRaw: `'[]'` })
  @Field(() => [String], {
    description:
      'What ComfyUI made and this server could not keep, as one sentence each. Empty if the result is complete.',
  })
  problems!: string[];
}
