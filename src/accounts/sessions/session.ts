/** Someone's being signed in, from signing in until it expires or is ended. Its tokens name it. */
import { OptionalProps } from '@mikro-orm/core';
import { Entity, Index, ManyToOne, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { Field, ObjectType } from 'type-graphql';
import { v7 as uuid } from 'uuid';
import { Node } from '../../graphql/node.js';
import { User } from '../user.js';

@Entity({ tableName: 'sessions' })
@ObjectType('SignedInSession', { implements: Node, description: 'One place where the viewer is signed in.' })
export class Session extends Node {
  [OptionalProps]?: 'refreshNumber' | 'refreshes' | 'createdAt' | 'lastUsedAt';

  @PrimaryKey({ type: 'uuid' })
  override id: string = uuid();

  @ManyToOne(() => User, { mapToPk: true, fieldName: 'user_id', deleteRule: 'cascade' })
  @Index()
  userId!: string;

  /** Of the one refresh token that is good now. Lower ones have been used. */
  @Property({ type: 'integer' })
  refreshNumber: number = 0;

  /** When the newest refresh tokens were issued, oldest first, in milliseconds: their predecessors are accepted a little longer. */
  @Property({ type: 'json', defaultRaw: `'[]'` })
  refreshes: number[] = [];

  /** The browser or program that signed in, as it names itself. */
  @Property({ type: 'text', nullable: true })
  @Field(() => String, { nullable: true, description: 'The browser or program that signed in, as it names itself.' })
  userAgent: string | null = null;

  @Property({ type: 'timestamptz', length: 3, defaultRaw: 'now()' })
  @Field(() => Date, { description: 'When it was last used, to the minute.' })
  lastUsedAt!: Date;

  @Property({ type: 'timestamptz' })
  @Field(() => Date, { description: 'When it ends, unless it is refreshed.' })
  expiresAt!: Date;

  @Property({ type: 'timestamptz', defaultRaw: 'now()' })
  @Field(() => Date, { description: 'When somebody signed in.' })
  createdAt!: Date;
}
