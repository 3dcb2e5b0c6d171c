/** The result of a COMPLETED generation, and its images. */
import { OptionalProps } from '@mikro-orm/core';
import { Entity, ManyToOne, PrimaryKey, Property, Unique } from '@mikro-orm/decorators/legacy';
import { Field, Float, Int, ObjectType } from 'type-graphql';
import { v7 as uuid } from 'uuid';
import { Node } from '../graphql/node.js';

declare module '../db/query.js' {
  interface Tables {
    results: TableOf<Result>;
    images: TableOf<Image>;
  }
}

@Entity({ tableName: 'results' })
@ObjectType({ implements: Node, description: 'The result of a generation.' })
export class Result extends Node {
  [OptionalProps]?: 'createdAt';

  @PrimaryKey({ type: 'uuid' })
  override id: string = uuid();

  /** `generations/relations.ts` declares the relation, because assets must not import generations. */
  generationId!: string;

  @Property({ type: 'timestamptz', defaultRaw: 'now()' })
  @Field(() => Date, { description: 'When it was saved.' })
  createdAt!: Date;
}

@Entity({ tableName: 'images' })
@Unique({ properties: ['resultId', 'position'] })
@ObjectType({ implements: Node, description: 'An image of a result.' })
export class Image extends Node {
  @PrimaryKey({ type: 'uuid' })
  override id: string = uuid();

  @ManyToOne(() => Result, { mapToPk: true, fieldName: 'result_id', deleteRule: 'cascade' })
  resultId!: string;

  /** The index among the images of the result, from 0. */
  @Property({ type: 'integer' })
  position!: number;

  /** The storage key of the bytes. */
  @Property({ type: 'text' })
  file!: string;

  @Property({ type: 'text' })
  @Field(() => String, { description: 'The media type, detected from the bytes, such as `image/png`.' })
  contentType!: string;

  @Property({ type: 'integer' })
  @Field(() => Int, { description: 'In pixels.' })
  width!: number;

  @Property({ type: 'integer' })
  @Field(() => Int, { description: 'In pixels.' })
  height!: number;

  @Property({ type: 'integer' })
  @Field(() => Float, { description: 'File size in bytes.' })
  byteSize!: number;

  @Property({ type: 'text', nullable: true })
  @Field(() => String, {
    nullable: true,
    description: 'A ThumbHash in base64: a blurred placeholder to show while the image loads.',
  })
  thumbHash: string | null = null;
}
