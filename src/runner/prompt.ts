/**
 * A prompt that may exist in a ComfyUI: written before ComfyUI hears of it, closed only when ComfyUI has shown it gone. It may
 * outlive the attempt that it was made for, and holds its place on the backend until it is closed.
 */
import { OptionalProps } from '@mikro-orm/core';
import { Entity, Index, ManyToOne, PrimaryKey, Property, Unique } from '@mikro-orm/decorators/legacy';
import { Backend } from '../backends/backend.js';
import type { NodeOutput } from '../comfyui/protocol/protocol.js';
import type { PromptProgress } from '../comfyui/run/progress.js';

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
  /** The prompt id that ComfyUI is given: a lowercase UUID. */
  [OptionalProps]?: 'idle' | 'createdAt';

  @PrimaryKey({ type: 'uuid' })
  id!: string;

  /** A relation, which `generations/relations.ts` declares: this room does not know generations. */
  @Index({ name: 'prompts_generation', expression: 'create index prompts_generation on prompts (generation_id)' })
  generationId!: string;

  /** The generation's. */
  @Property({ type: 'uuid' })
  userId!: string;

  @Property({ type: 'integer' })
  attempt!: number;

  @ManyToOne(() => Backend, { mapToPk: true, fieldName: 'backend_id' })
  backendId!: string;

  /** From 1 to the depth that is kept on a backend. */
  @Property({ type: 'integer' })
  place!: number;

  /** The boot number of the process that follows it. */
  @Property({ type: 'integer' })
  holder!: number;

  @Property({ type: 'timestamptz' })
  leaseUntil!: Date;

  /** The generation's fence at the time it was taken. */
  @Property({ type: 'integer' })
  fence!: number;

  /** The graph that is or will be sent, byte for byte the same through every takeover. */
  @Property({ type: 'text', nullable: true })
  graph: string | null = null;

  /** Set just before the POST: from here on ComfyUI may know it. */
  @Property({ type: 'timestamptz', nullable: true })
  submittedAt: Date | null = null;

  @Property({ type: 'timestamptz', nullable: true })
  endedAt: Date | null = null;

  /** Its holder has nothing to do but to wait for ComfyUI: if that process dies now, this prompt was not the cause. */
  @Property({ type: 'boolean' })
  idle: boolean = false;

  /** Set when its generation went elsewhere, because the backend was away: it is to be taken out when that is back. */
  @Property({ type: 'timestamptz', nullable: true })
  abandonedAt: Date | null = null;

  /** When ComfyUI was first asked to stop it. */
  @Property({ type: 'timestamptz', nullable: true })
  stopAskedAt: Date | null = null;

  /** When it was deleted from ComfyUI's history, because its generation was deleted. */
  @Property({ type: 'timestamptz', nullable: true })
  forgottenAt: Date | null = null;

  /** What its nodes were heard to have made. */
  @Property({ type: 'json', nullable: true })
  outputs: Record<string, NodeOutput> | null = null;

  /** How long it takes, by how long the same work took before. */
  @Property({ type: 'double', nullable: true })
  expectedSeconds: number | null = null;

  @Property({ type: 'json', nullable: true })
  progress: PromptProgress | null = null;

  @Property({ type: 'timestamptz', nullable: true })
  progressAt: Date | null = null;

  @Property({ type: 'timestamptz', defaultRaw: 'now()' })
  createdAt!: Date;
}
