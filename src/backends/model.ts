/** A model file that a ComfyUI backend offers or once offered. */
import { Collection } from '@mikro-orm/core';
import { Entity, Enum, ManyToMany, PrimaryKey, Property, Unique } from '@mikro-orm/decorators/legacy';
import { Field, ObjectType, registerEnumType } from 'type-graphql';
import { v7 as uuid } from 'uuid';
import { Node } from '../graphql/node.js';
import { Backend } from './backend.js';

declare module '../db/query.js' {
  interface Tables {
    models: TableOf<Model>;
    backend_models: { model_id: string; backend_id: string };
  }
}

export enum ModelKind {
  CHECKPOINT = 'CHECKPOINT',
  DIFFUSION_MODEL = 'DIFFUSION_MODEL',
  TEXT_ENCODER = 'TEXT_ENCODER',
  LORA = 'LORA',
  VAE = 'VAE',
  UPSCALER = 'UPSCALER',
  CONTROLNET = 'CONTROLNET',
  EMBEDDING = 'EMBEDDING',
}
registerEnumType(ModelKind, {
  name: 'ModelKind',
  description: 'The purpose of a model file, by the folder of ComfyUI that it is in.',
  valuesConfig: {
    CHECKPOINT: { description: 'A complete model: diffusion model, text encoder and VAE.' },
    DIFFUSION_MODEL: { description: 'A diffusion model alone, without text encoder and VAE.' },
    TEXT_ENCODER: { description: 'Encodes the prompt for a diffusion model.' },
    LORA: { description: 'A small modification of another model.' },
    VAE: { description: 'Converts latents to pictures and back.' },
    UPSCALER: { description: 'Enlarges pictures.' },
    CONTROLNET: { description: 'Guides a picture by a pose, an outline or a depth map.' },
    EMBEDDING: { description: 'A learned word for use in a prompt.' },
  },
});

@Entity({ tableName: 'models' })
@Unique({ properties: ['kind', 'name'] })
@Unique({ properties: ['kind', 'filename'] })
@ObjectType({
  implements: Node,
  description:
    'A model that a ComfyUI backend offers. Its name is the path of the file without its extension, such as `stable-diffusion-1.5`, with `\\` written as `/`. Names are unique for each kind: if two would be equal, one keeps its extension. Inputs accept the filename in place of the name.',
})
export class Model extends Node {
  @PrimaryKey({ type: 'uuid' })
  override id: string = uuid();

  @Enum({ items: () => ModelKind })
  @Field(() => ModelKind, { description: 'The purpose of the model.' })
  kind!: ModelKind;

  @Property({ type: 'text' })
  @Field(() => String, { description: 'The name to use in `createGeneration`.' })
  name!: string;

  /** As ComfyUI lists it, including its path separators: a graph has to use this spelling. */
  @Property({ type: 'text' })
  @Field(() => String, { description: 'The path of the file, as ComfyUI lists it.' })
  filename!: string;

  /** The backends whose catalogue lists the file. */
  @ManyToMany({
    entity: () => Backend,
    pivotTable: 'backend_models',
    joinColumn: 'model_id',
    inverseJoinColumn: 'backend_id',
    deleteRule: 'cascade',
  })
  backends = new Collection<Backend>(this);
}
