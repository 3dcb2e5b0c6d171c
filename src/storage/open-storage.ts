/** The storages that the configuration names. */
import { join } from 'node:path';
import type { Timings } from '../process/timings.js';
import { DiskStorage } from './disk.js';
import type { S3Settings } from './s3/s3-client.js';
import type { Storage } from './storage.js';

/** As `Config` has them. */
export type StorageSettings = Omit<S3Settings, 's3Bucket'> & { dataDir: string; s3Bucket?: string | undefined };

export const diskStorage = ({ dataDir }: Pick<StorageSettings, 'dataDir'>): Storage =>
  new DiskStorage(join(dataDir, 'pictures'));

/** Loads the SDK, which takes half a second, only for servers that use it. */
export async function s3Storage(settings: StorageSettings & S3Settings, timings: Timings): Promise<Storage> {
  const { S3Storage } = await import('./s3/s3.js');
  return new S3Storage(settings, join(settings.dataDir, 'temporary'), timings);
}

export const hasS3 = (settings: StorageSettings): settings is StorageSettings & S3Settings =>
  settings.s3Bucket !== undefined;

export const configuredStorage = async (settings: StorageSettings, timings: Timings): Promise<Storage> =>
  hasS3(settings) ? await s3Storage(settings, timings) : diskStorage(settings);
