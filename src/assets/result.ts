/** What a COMPLETED generation made. */
import { OptionalProps } from '@mikro-orm/core';
import { Entity, ManyToOne, PrimaryKey, Property, Unique } from '@mikro-orm/decorators/legacy';
import { Field, Float, Int, ObjectType } from 'type-graphql';
import { v7 as uuid } from 'uuid';
import { Node } from '../graphql/node.js';

@Entity({ tableName: 'results' })
@ObjectType({ implements: Node, description: 'What a generation made.' })
export class Result extends Node {
  [OptionalProps]?: 'createdAt';

  @PrimaryKey({ type: 'uuid' })
  override id: string = uuid();

  /** A relation, which `generations/relations.ts` declares: this room does not know generations. */
  generationId!: string;

  @Property({ type: 'timestamptz', defaultRaw: 'now()' })
  @Field(() => Date, { description: 'When it was saved.' })
  createdAt!: Date;
}

@Entity({ tableName: 'images' })
@Unique({ properties: ['resultId', 'position'] })
@ObjectType({ implements: Node, description: 'A picture of a result.' })
export class Image extends Node {
  @PrimaryKey({ type: 'uuid' })
  override id: string = uuid();

  @ManyToOne(() => Result, { mapToPk: true, fieldName: 'result_id', deleteRule: 'cascade' })
  resultId!: string;

  /** Its place among the pictures of its result, from 0. */
  @Property({ type: 'integer' })
  position!: number;

  /** Where the bytes are kept: a key of the storage. */
  @Property({ type: 'text' })
  file!: string;

  @Property({ type: 'text' })
  @Field(() => String, { description: 'Judged by its bytes, such as `image/png`.' })
  contentType!: string;

  @Property({ type: 'integer' })
  @Field(() => Int, { description: 'In pixels.' })
  width!: number;

  @Property({ type: 'integer' })
  @Field(() => Int, { description: 'In pixels.' })
  height!: number;

  @Property({ type: 'integer' })
  @Field(() => Float, { description: 'Size of the file in bytes.' })
  byteSize!: number;

  @Property({ type: 'text', nullable: true })
  @Field(() => String, {
    nullable: true,
    description: 'A ThumbHash, base64: a blur to paint until the picture has arrived.',
  })
  thumbHash: string | null = null;
}
