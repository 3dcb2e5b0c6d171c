/** A credential for a program. Only a hash of the key is stored. A key is random and long, so that a fast hash is enough. */
import { OptionalProps } from '@mikro-orm/core';
import { Entity, Index, ManyToOne, PrimaryKey, Property, Unique } from '@mikro-orm/decorators/legacy';
import { Field, ObjectType } from 'type-graphql';
import { v7 as uuid } from 'uuid';
import { Node } from '../../graphql/node.js';
import { User } from '../user.js';

declare module '../../db/query.js' {
  interface Tables {
    api_keys: TableOf<ApiKey>;
  }
}

@Entity({ tableName: 'api_keys' })
@ObjectType({
  implements: Node,
  description: 'A credential for a program. Its secret is shown once, when it is created.',
})
export class ApiKey extends Node {
  [OptionalProps]?: 'createdAt';

  @PrimaryKey({ type: 'uuid' })
  override id: string = uuid();

  @ManyToOne(() => User, { mapToPk: true, fieldName: 'user_id', deleteRule: 'cascade' })
  @Index()
  userId!: string;

  @Property({ type: 'text' })
  @Field(() => String, { description: 'The name that its owner gave it.' })
  name!: string;

  @Property({ type: 'text' })
  @Field(() => String, { description: 'The first characters of the key, to tell keys apart.' })
  prefix!: string;

  /** SHA-256 of the whole key. */
  @Property({ type: 'blob', lazy: true })
  @Unique()
  secretHash!: Buffer;

  @Property({ type: 'timestamptz', length: 3, defaultRaw: 'now()' })
  @Field(() => Date, { description: 'When it was created.' })
  createdAt!: Date;

  @Property({ type: 'timestamptz', length: 3, nullable: true })
  @Field(() => Date, { nullable: true, description: 'When it expires; null if it never expires.' })
  expiresAt: Date | null = null;

  @Property({ type: 'timestamptz', length: 3, nullable: true })
  @Field(() => Date, {
    nullable: true,
    description: 'When it was last used, to the minute; null before its first use.',
  })
  lastUsedAt: Date | null = null;
}
