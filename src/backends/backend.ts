/** One ComfyUI server, as PostgreSQL and the API know it. */
import { Entity, Enum, PrimaryKey, Property, Unique } from '@mikro-orm/decorators/legacy';
import { Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import { v7 as uuid } from 'uuid';
import { Node } from '../graphql/node.js';

declare module '../db/query.js' {
  interface Tables {
    backends: TableOf<Backend>;
  }
}

export enum BackendState {
  ONLINE = 'ONLINE',
  OFFLINE = 'OFFLINE',
  DRAINING = 'DRAINING',
}
registerEnumType(BackendState, {
  name: 'BackendState',
  description: 'Whether a ComfyUI server takes jobs.',
  valuesConfig: {
    ONLINE: { description: 'It responds, and takes new jobs.' },
    OFFLINE: { description: 'It does not respond, or does not work.' },
    DRAINING: { description: 'It responds, and takes no new jobs, as an admin asked.' },
  },
});

@Entity({ tableName: 'backends' })
@ObjectType({
  implements: Node,
  description: 'A ComfyUI server: whether it is available, and how busy it is.',
})
export class Backend extends Node {
  @PrimaryKey({ type: 'uuid' })
  override id: string = uuid();

  @Property({ type: 'text' })
  @Field(() => String, { description: 'The configured name, or `comfyui-1` and so on; never an address.' })
  name!: string;

  /** Normalized: it identifies the ComfyUI server. */
  @Property({ type: 'text' })
  @Unique()
  url!: string;

  @Property({ type: 'boolean' })
  @Field(() => Boolean, { description: 'Whether it is the simulator, which makes pictures without a model.' })
  isSimulated: boolean = false;

  @Enum({ items: () => BackendState })
  @Field(() => BackendState, { description: 'Whether it takes jobs.' })
  state: BackendState = BackendState.OFFLINE;

  @Property({ type: 'text', nullable: true })
  reason: string | null = null;

  @Property({ type: 'timestamptz', nullable: true })
  offlineSince: Date | null = null;

  /** An admin wants it to take no new jobs. */
  @Property({ type: 'boolean' })
  draining: boolean = false;

  /** Its node classes; null until its catalogue is read. */
  @Property({ type: 'array', nullable: true, lazy: true })
  classes: string[] | null = null;

  /** The route of its last job, whose models it has in memory. */
  @Property({ type: 'text', nullable: true, lazy: true })
  route: string | null = null;

  /** The number of jobs in a row with that route. */
  @Property({ type: 'integer', lazy: true })
  streak: number = 0;

  /** The generations of prompts that failed here in a row for reasons that may be the backend's. See `breaker.ts`. */
  @Property({ type: 'array', lazy: true, defaultRaw: `'{}'` })
  strikes: string[] = [];

  /** If its breaker is open: the failure of its last prompts. */
  @Property({ type: 'text', nullable: true, lazy: true })
  brokenReason: string | null = null;

  /** If its breaker is open: when it may be given one job as a probe. */
  @Property({ type: 'timestamptz', nullable: true, lazy: true })
  probeAt: Date | null = null;

  /** The number of probes since its breaker opened. */
  @Property({ type: 'integer', lazy: true })
  probes: number = 0;

  @Property({ type: 'text', nullable: true })
  version: string | null = null;

  @Property({ type: 'text', nullable: true })
  device: string | null = null;

  @Property({ type: 'integer' })
  @Field(() => Int, {
    description: 'The number of running prompts, including those of other clients; 0 while it is OFFLINE.',
  })
  running: number = 0;

  @Property({ type: 'integer' })
  @Field(() => Int, {
    description: 'The number of prompts in its own queue, including those of other clients; 0 while it is OFFLINE.',
  })
  pending: number = 0;

  /** Null until it has responded once. */
  @Property({ type: 'timestamptz', nullable: true })
  @Field(() => Date, { nullable: true, description: 'When it last responded; null if it never has.' })
  lastSeenAt: Date | null = null;
}
