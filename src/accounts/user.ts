/** Someone with an account. */
import { OptionalProps } from '@mikro-orm/core';
import { Entity, Enum, PrimaryKey, Property, Unique } from '@mikro-orm/decorators/legacy';
import { Field, ObjectType, registerEnumType } from 'type-graphql';
import { v7 as uuid } from 'uuid';
import { Node } from '../graphql/node.js';

export enum Role {
  USER = 'USER',
  ADMIN = 'ADMIN',
}
registerEnumType(Role, {
  name: 'Role',
  description: 'What an account may do.',
  valuesConfig: {
    USER: { description: 'Makes pictures, and sees what is its own.' },
    ADMIN: { description: 'Also runs the server. No owner of what is others’.' },
  },
});

@Entity({ tableName: 'users' })
@ObjectType({ implements: Node, description: 'Someone with an account.' })
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
  @Field(() => String, { nullable: true, description: 'What to call the user.' })
  name: string | null = null;

  @Property({ type: 'text' })
  passwordHash!: string;

  @Enum({ items: () => Role })
  @Field(() => Role, { description: 'What the account may do.' })
  role: Role = Role.USER;

  @Property({ type: 'timestamptz', nullable: true })
  @Field(() => Date, { nullable: true, description: 'Set while an admin keeps the account out.' })
  disabledAt: Date | null = null;

  /** Set when the account is deleted. The row stays, without anything personal, until its last generation is cleared away. */
  @Property({ type: 'timestamptz', nullable: true })
  deletedAt: Date | null = null;

  @Property({ type: 'timestamptz', defaultRaw: 'now()' })
  @Field(() => Date, { description: 'When the account was made.' })
  createdAt!: Date;
}
