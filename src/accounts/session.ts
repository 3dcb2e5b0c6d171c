/** Someone's being signed in, from signing in until it expires or is ended. Its tokens name it. */
import { OptionalProps } from '@mikro-orm/core';
import { Entity, Index, ManyToOne, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { v7 as uuid } from 'uuid';
import { User } from './user.js';

@Entity({ tableName: 'sessions' })
export class Session {
  [OptionalProps]?: 'refreshNumber' | 'refreshes' | 'createdAt' | 'lastUsedAt';

  @PrimaryKey({ type: 'uuid' })
  id: string = uuid();

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
  userAgent: string | null = null;

  @Property({ type: 'timestamptz', length: 3, defaultRaw: 'now()' })
  lastUsedAt!: Date;

  @Property({ type: 'timestamptz' })
  expiresAt!: Date;

  @Property({ type: 'timestamptz', defaultRaw: 'now()' })
  createdAt!: Date;
}
