/** An image of a result, in a format that browsers show, also animated. */
import { Entity, Index, ManyToOne, PrimaryKey, Property, Unique } from '@mikro-orm/decorators/legacy';
import { Field, Int, ObjectType } from 'type-graphql';
import { v7 as uuid } from 'uuid';
import { Node } from '../graphql/node.js';
import { Blob } from './blob.js';
import { Result } from './result.js';

declare module '../db/query.js' {
  interface Tables {
    images: TableOf<Image>;
  }
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
  @ManyToOne(() => Blob, { mapToPk: true, fieldName: 'file', deleteRule: 'no action' })
  @Index()
  file!: string;

  @Property({ type: 'text' })
  @Field(() => String, { description: 'The media type, detected from the bytes, such as `image/png`.' })
  contentType!: string;

  @Property({ type: 'integer' })
  @Field(() => Int, { description: 'In pixels, after the rotation that the file asks for.' })
  width!: number;

  @Property({ type: 'integer' })
  @Field(() => Int, { description: 'In pixels, after the rotation that the file asks for.' })
  height!: number;

  /** In bytes. */
  @Property({ type: 'bigint' })
  byteSize!: number;

  @Property({ type: 'text', nullable: true })
  @Field(() => String, {
    nullable: true,
    description: 'A ThumbHash in base64: a blurred placeholder to show while the image loads.',
  })
  thumbHash: string | null = null;

  @Property({ type: 'boolean', default: false })
  @Field(() => Boolean, { description: 'Whether it has more than one frame.' })
  isAnimated!: boolean;

  /** SHA-256 of the bytes, in hexadecimal digits. Null for images from before hashes were stored: computed when it is read. */
  @Property({ type: 'text', nullable: true })
  hash: string | null = null;

  @Property({ type: 'text', default: 'image' })
  @Field(() => String, { description: "The name of the workflow's output, else the id of the node." })
  output!: string;
}
