/** One ComfyUI server, as PostgreSQL and the API know it. */
import { Entity, Enum, PrimaryKey, Property, Unique } from '@mikro-orm/decorators/legacy';
import { Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import { v7 as uuid } from 'uuid';
import { Node } from '../graphql/node.js';

export enum BackendState {
  ONLINE = 'ONLINE',
  OFFLINE = 'OFFLINE',
  DRAINING = 'DRAINING',
}
registerEnumType(BackendState, {
  name: 'BackendState',
  description: 'Whether a ComfyUI server takes work.',
  valuesConfig: {
    ONLINE: { description: 'It answers, and takes new work.' },
    OFFLINE: { description: 'It does not answer, or does not work.' },
    DRAINING: { description: 'It answers, and takes no new work.' },
  },
});

@Entity({ tableName: 'backends' })
@ObjectType({
  implements: Node,
  description: 'One ComfyUI server. The answer to: is ComfyUI there, and what is it doing?',
})
export class Backend extends Node {
  @PrimaryKey({ type: 'uuid' })
  override id: string = uuid();

  @Property({ type: 'text' })
  @Field(() => String, { description: 'As configured, or `comfyui-1` and so on; never an address.' })
  name!: string;

  /** Normalised. It is the identity of the ComfyUI process behind it. */
  @Property({ type: 'text' })
  @Unique()
  url!: string;

  @Property({ type: 'boolean' })
  @Field(() => Boolean, { description: 'Whether it is the simulator: its pictures come from no model.' })
  isSimulated: boolean = false;

  @Enum({ items: () => BackendState })
  @Field(() => BackendState, { description: 'Whether it takes work.' })
  state: BackendState = BackendState.OFFLINE;

  @Property({ type: 'text', nullable: true })
  reason: string | null = null;

  @Property({ type: 'timestamptz', nullable: true })
  offlineSince: Date | null = null;

  /** An admin wants it to take no new work. */
  @Property({ type: 'boolean' })
  draining: boolean = false;

  /** The node classes that it has; null until it has told them. */
  @Property({ type: 'array', nullable: true, lazy: true })
  classes: string[] | null = null;

  /** The route of the last job it was given: what it has in memory. */
  @Property({ type: 'text', nullable: true, lazy: true })
  route: string | null = null;

  /** How many jobs in a row were of that route. */
  @Property({ type: 'integer', lazy: true })
  streak: number = 0;

  /** The generations of the prompts that failed here in a row for reasons that may be the backend's. See `breaker.ts`. */
  @Property({ type: 'array', lazy: true, defaultRaw: `'{}'` })
  strikes: string[] = [];

  /** Why it gets no work but a probe: its last prompts all failed. */
  @Property({ type: 'text', nullable: true, lazy: true })
  brokenReason: string | null = null;

  /** From here on one job may be tried on it, while it is broken. */
  @Property({ type: 'timestamptz', nullable: true, lazy: true })
  probeAt: Date | null = null;

  /** How many probes it was given since it is broken. */
  @Property({ type: 'integer', lazy: true })
  probes: number = 0;

  @Property({ type: 'text', nullable: true })
  version: string | null = null;

  @Property({ type: 'text', nullable: true })
  device: string | null = null;

  @Property({ type: 'integer' })
  @Field(() => Int, { description: 'Prompts that it executes now, ours and others; 0 while it is OFFLINE.' })
  running: number = 0;

  @Property({ type: 'integer' })
  @Field(() => Int, { description: 'Prompts that wait in its own queue, ours and others; 0 while it is OFFLINE.' })
  pending: number = 0;

  /** Null until it has answered once: nobody knows yet what it offers. */
  @Property({ type: 'timestamptz', nullable: true })
  @Field(() => Date, { nullable: true, description: 'When it last answered; null while it never has.' })
  lastSeenAt: Date | null = null;
}
