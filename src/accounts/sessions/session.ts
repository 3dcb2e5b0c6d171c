/** A session lasts from sign-in until it expires or is ended. Its tokens contain its id. */
import { OptionalProps } from '@mikro-orm/core';
import { Entity, Index, ManyToOne, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { Field, ObjectType } from 'type-graphql';
import { v7 as uuid } from 'uuid';
import { Node } from '../../graphql/node.js';
import { User } from '../user.js';

declare module '../../db/query.js' {
  interface Tables {
    sessions: TableOf<Session>;
  }
}

@Entity({ tableName: 'sessions' })
@ObjectType('SignedInSession', { implements: Node, description: 'A session of the viewer, in one browser or program.' })
export class Session extends Node {
  [OptionalProps]?: 'refreshNumber' | 'refreshes' | 'createdAt' | 'lastUsedAt';

  @PrimaryKey({ type: 'uuid' })
  override id: string = uuid();

  @ManyToOne(() => User, { mapToPk: true, fieldName: 'user_id', deleteRule: 'cascade' })
  @Index()
  userId!: string;

  /** The number of the valid refresh token. Tokens with lower numbers have been used. */
  @Property({ type: 'integer' })
  refreshNumber: number = 0;

  /** When the newest refresh tokens were issued, oldest first, in milliseconds: their predecessors are valid during the grace period. */
  @Property({ type: 'json', defaultRaw: `'[]'` })
  refreshes: number[] = [];

  @Property({ type: 'text', nullable: true })
  @Field(() => String, { nullable: true, description: 'The User-Agent of the browser or program that signed in.' })
  userAgent: string | null = null;

  @Property({ type: 'timestamptz', length: 3, defaultRaw: 'now()' })
  @Field(() => Date, { description: 'When it was last used, to the minute.' })
  lastUsedAt!: Date;

  @Property({ type: 'timestamptz' })
  @Field(() => Date, { description: 'When it expires unless it is refreshed.' })
  expiresAt!: Date;

  @Property({ type: 'timestamptz', defaultRaw: 'now()' })
  @Field(() => Date, { description: 'When the user signed in.' })
  createdAt!: Date;
}
