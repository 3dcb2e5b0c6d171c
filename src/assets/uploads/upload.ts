/** A file that a user uploads as an input of generations. Its row comes first, its bytes come once, by a PUT to its URL. */
import { OptionalProps } from '@mikro-orm/core';
import { Entity, Index, ManyToOne, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { Field, Float, Int, ObjectType } from 'type-graphql';
import { v7 as uuid } from 'uuid';
import { User } from '../../accounts/user.js';
import { Node } from '../../graphql/node.js';
import { Blob } from '../blob.js';

declare module '../../db/query.js' {
  interface Tables {
    uploads: TableOf<Upload>;
  }
}

@Entity({ tableName: 'uploads' })
@ObjectType({
  implements: Node,
  description:
    'A place to PUT one file, of the type and size that `createUpload` named. Once filled, it can be an input of generations until no generation has used it for a day. A generation keeps the file that it uses.',
})
export class Upload extends Node {
  [OptionalProps]?: 'createdAt' | 'expiresAt';

  @PrimaryKey({ type: 'uuid' })
  override id: string = uuid();

  @ManyToOne(() => User, { mapToPk: true, fieldName: 'user_id', deleteRule: 'cascade' })
  @Index()
  userId!: string;

  @Property({ type: 'text' })
  @Field(() => String, { description: 'The media type, such as `image/png`. The bytes must be of this type.' })
  contentType!: string;

  @Property({ type: 'integer' })
  @Field(() => Float, { description: 'File size in bytes. The file must have exactly this size.' })
  byteSize!: number;

  @Property({ type: 'text', nullable: true })
  @Field(() => String, { nullable: true, description: "The file's name, as its owner gave it. Only a label." })
  filename: string | null = null;

  /** The storage key of the bytes; null until it is filled. */
  @ManyToOne(() => Blob, { mapToPk: true, fieldName: 'file', nullable: true, deleteRule: 'no action' })
  @Index()
  file: string | null = null;

  @Property({ type: 'integer', nullable: true })
  @Field(() => Int, { nullable: true, description: 'Of a filled image, in pixels.' })
  width: number | null = null;

  @Property({ type: 'integer', nullable: true })
  @Field(() => Int, { nullable: true, description: 'Of a filled image, in pixels.' })
  height: number | null = null;

  @Property({ type: 'timestamptz', defaultRaw: 'now()' })
  createdAt!: Date;

  /** In whole seconds, as signed URLs have it. */
  @Property({ type: 'timestamptz', length: 0, defaultRaw: `(now() + '01:00:00'::interval)` })
  @Index()
  @Field(() => Date, {
    description:
      'An hour after its creation until it is filled, then a day after it was filled or last used. The upload and its URL end at this time.',
  })
  expiresAt!: Date;
}
