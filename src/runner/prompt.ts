/**
 * A prompt that may exist in a ComfyUI: inserted before it is submitted, ended only when ComfyUI has shown that it is gone. It may outlive
 * its attempt, and it keeps its slot on the backend until it has ended.
 */
import { OptionalProps } from '@mikro-orm/core';
import { Entity, Index, ManyToOne, PrimaryKey, Property, Unique } from '@mikro-orm/decorators/legacy';
import { Backend } from '../backends/backend.js';
import type { NodeOutput } from '../comfyui/protocol/protocol.js';
import type { PromptProgress } from '../comfyui/run/progress.js';

declare module '../db/query.js' {
  interface Tables {
    prompts: TableOf<Prompt>;
  }
}

@Entity({ tableName: 'prompts' })
@Unique({
  name: 'prompts_place',
  expression: 'create unique index prompts_place on prompts (backend_id, place) where ended_at is null',
})
@Index({
  name: 'prompts_open',
  expression: 'create index prompts_open on prompts (lease_until) where ended_at is null',
})
export class Prompt {
  [OptionalProps]?: 'idle' | 'createdAt';

  /** The id under which it is submitted to ComfyUI: a lowercase UUID. */
  @PrimaryKey({ type: 'uuid' })
  id!: string;

  /** A relation, which `generations/relations.ts` declares: this room does not know generations. */
  @Index({ name: 'prompts_generation', expression: 'create index prompts_generation on prompts (generation_id)' })
  generationId!: string;

  /** The owner of the generation. */
  @Property({ type: 'uuid' })
  userId!: string;

  @Property({ type: 'integer' })
  attempt!: number;

  @ManyToOne(() => Backend, { mapToPk: true, fieldName: 'backend_id' })
  backendId!: string;

  /** The slot on the backend, from 1 to the depth of a backend. */
  @Property({ type: 'integer' })
  place!: number;

  /** The boot number of the process that holds it; 0 after a release. */
  @Property({ type: 'integer' })
  holder!: number;

  @Property({ type: 'timestamptz' })
  leaseUntil!: Date;

  /** The generation's fence when the holder took it. */
  @Property({ type: 'integer' })
  fence!: number;

  /** The graph to submit, byte for byte the same in every takeover. */
  @Property({ type: 'text', nullable: true })
  graph: string | null = null;

  /** Set just before the POST: from then on ComfyUI may know it. */
  @Property({ type: 'timestamptz', nullable: true })
  submittedAt: Date | null = null;

  @Property({ type: 'timestamptz', nullable: true })
  endedAt: Date | null = null;

  /** Its holder only waits for ComfyUI: if that process crashes now, this prompt is not the cause. */
  @Property({ type: 'boolean' })
  idle: boolean = false;

  /** Set when its generation was requeued because the backend was away: it is canceled when the backend is back. */
  @Property({ type: 'timestamptz', nullable: true })
  abandonedAt: Date | null = null;

  /** When ComfyUI was first asked to cancel it. */
  @Property({ type: 'timestamptz', nullable: true })
  stopAskedAt: Date | null = null;

  /** When it was deleted from ComfyUI's history, because its generation was deleted. */
  @Property({ type: 'timestamptz', nullable: true })
  forgottenAt: Date | null = null;

  /** The outputs that `executed` messages have named, by node. */
  @Property({ type: 'json', nullable: true })
  outputs: Record<string, NodeOutput> | null = null;

  /** The expected time of execution, from earlier runs of the same work. */
  @Property({ type: 'double', nullable: true })
  expectedSeconds: number | null = null;

  @Property({ type: 'json', nullable: true })
  progress: PromptProgress | null = null;

  @Property({ type: 'timestamptz', nullable: true })
  progressAt: Date | null = null;

  @Property({ type: 'timestamptz', defaultRaw: 'now()' })
  createdAt!: Date;
}
