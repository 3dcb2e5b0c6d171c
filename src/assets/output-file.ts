/** A file of a result other than an image: a video, a sound, a 3D model, a text, latents, or something else. */
import { Entity, Index, ManyToOne, PrimaryKey, Property, Unique } from '@mikro-orm/decorators/legacy';
import { Field, Float, Int, ObjectType } from 'type-graphql';
import { v7 as uuid } from 'uuid';
import { Node } from '../graphql/node.js';
import { WorkflowOutputKind } from '../workflows/api/enums.js';
import type { OutputKind } from '../workflows/workflow.js';
import { Blob } from './blob.js';
import { Result } from './result.js';

declare module '../db/query.js' {
  interface Tables {
    files: TableOf<OutputFile>;
  }
}

@Entity({ tableName: 'files' })
@Unique({ properties: ['resultId', 'position'] })
@ObjectType('File', { implements: Node, description: 'A file of a result other than an image.' })
export class OutputFile extends Node {
  @PrimaryKey({ type: 'uuid' })
  override id: string = uuid();

  @ManyToOne(() => Result, { mapToPk: true, fieldName: 'result_id', deleteRule: 'cascade' })
  resultId!: string;

  /** The index among the files of the result, from 0. */
  @Property({ type: 'integer' })
  position!: number;

  @Property({ type: 'text', check: `kind in ('IMAGE', 'VIDEO', 'AUDIO', 'MODEL_3D', 'TEXT', 'LATENT', 'FILE')` })
  @Field(() => WorkflowOutputKind, { description: 'What the file is, detected from the bytes.' })
  kind!: OutputKind;

  /** The storage key of the bytes. */
  @ManyToOne(() => Blob, { mapToPk: true, fieldName: 'file', deleteRule: 'no action' })
  @Index()
  file!: string;

  @Property({ type: 'text' })
  @Field(() => String, { description: 'The media type, detected from the bytes, such as `video/mp4`.' })
  contentType!: string;

  /** In bytes. */
  @Property({ type: 'bigint' })
  byteSize!: number;

  /** SHA-256 of the bytes, in hexadecimal digits. */
  @Property({ type: 'text' })
  hash!: string;

  @Property({ type: 'integer', nullable: true })
  @Field(() => Int, { nullable: true, description: 'Of a video, in pixels; null if the file does not contain it.' })
  width: number | null = null;

  @Property({ type: 'integer', nullable: true })
  @Field(() => Int, { nullable: true, description: 'Of a video, in pixels; null if the file does not contain it.' })
  height: number | null = null;

  @Property({ type: 'double', nullable: true })
  @Field(() => Float, {
    nullable: true,
    description: 'Of a video or a sound, in seconds; null if the file does not contain it.',
  })
  duration: number | null = null;

  /** The storage key of a still of the video. */
  @ManyToOne(() => Blob, { mapToPk: true, fieldName: 'poster', nullable: true, deleteRule: 'no action' })
  @Index()
  poster: string | null = null;

  @Property({ type: 'text' })
  @Field(() => String, { description: "The name of the workflow's output, else the id of the node." })
  output!: string;
}
