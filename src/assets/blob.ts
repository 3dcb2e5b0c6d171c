/** Bytes in the storage, once for each account: images, files, uploads and input files with the same bytes share them. */
import { OptionalProps } from '@mikro-orm/core';
import { Entity, ManyToOne, PrimaryKey, Property, Unique } from '@mikro-orm/decorators/legacy';
import { User } from '../accounts/user.js';

declare module '../db/query.js' {
  interface Tables {
    blobs: TableOf<Blob>;
  }
}

@Entity({ tableName: 'blobs' })
@Unique({ properties: ['userId', 'hash'] })
export class Blob {
  [OptionalProps]?: 'createdAt';

  /** The storage key. */
  @PrimaryKey({ type: 'text' })
  file!: string;

  @ManyToOne(() => User, { mapToPk: true, fieldName: 'user_id', deleteRule: 'cascade' })
  userId!: string;

  /** SHA-256 of the bytes, in hexadecimal digits. Null for files from before hashes were stored: those are not shared. */
  @Property({ type: 'text', nullable: true })
  hash: string | null = null;

  @Property({ type: 'bigint' })
  byteSize!: string;

  @Property({ type: 'timestamptz', defaultRaw: 'now()' })
  createdAt!: Date;
}
