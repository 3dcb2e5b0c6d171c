/** A user's account. */
import { OptionalProps } from '@mikro-orm/core';
import { Entity, Enum, PrimaryKey, Property, Unique } from '@mikro-orm/decorators/legacy';
import { Field, ObjectType, registerEnumType } from 'type-graphql';
import { v7 as uuid } from 'uuid';
import { Node } from '../graphql/node.js';

declare module '../db/query.js' {
  interface Tables {
    users: TableOf<User>;
  }
}

export enum Role {
  USER = 'USER',
  ADMIN = 'ADMIN',
}
registerEnumType(Role, {
  name: 'Role',
  description: 'The permissions of an account.',
  valuesConfig: {
    USER: { description: 'Makes pictures, and sees only its own data.' },
    ADMIN: { description: 'Also administers the server. Does not see the data of other users.' },
  },
});

@Entity({ tableName: 'users' })
@ObjectType({ implements: Node, description: 'A user with an account.' })
export class User extends Node {
  [OptionalProps]?: 'role' | 'createdAt';

  @PrimaryKey({ type: 'uuid' })
  override id: string = uuid();

  /** Lower-cased and in Unicode NFC, so that one address is one account. */
  @Property({ type: 'text' })
  @Unique()
  @Field(() => String, { description: 'Visible to the user and to an admin.' })
  email!: string;

  @Property({ type: 'text', nullable: true })
  @Field(() => String, { nullable: true, description: "The user's name." })
  name: string | null = null;

  @Property({ type: 'text' })
  passwordHash!: string;

  @Enum({ items: () => Role })
  @Field(() => Role, { description: 'The permissions of the account.' })
  role: Role = Role.USER;

  @Property({ type: 'timestamptz', nullable: true })
  @Field(() => Date, { nullable: true, description: 'When an admin disabled the account; null while it is enabled.' })
  disabledAt: Date | null = null;

  /** Set when the account is deleted. The row stays, without personal data, until its last generation is removed. */
  @Property({ type: 'timestamptz', nullable: true })
  deletedAt: Date | null = null;

  @Property({ type: 'timestamptz', defaultRaw: 'now()' })
  @Field(() => Date, { description: 'When the account was created.' })
  createdAt!: Date;
}
