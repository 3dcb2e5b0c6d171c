/** The operator's command line for the files of pictures and uploads. It needs no database, and the server may run. */
import { resolve } from 'node:path';
import { type Config, ConfigError, readConfig } from '../config.js';
import { reasonOf, StartError } from '../process/start-error.js';
import { TIMINGS } from '../process/timings.js';
import { diskStorage, hasS3, s3Storage } from '../storage/open-storage.js';
import type { Storage } from '../storage/storage.js';
import { type Copied, copyFiles } from './copy.js';

export const USAGE = `Files of a ComfyGraph server:

  npm run storage -- copy disk s3     copies the files of DATA_DIR to S3_BUCKET
  npm run storage -- copy s3 disk     copies them back

It copies what the target lacks, and deletes nothing. Run it again after an interruption. The variables of S3 and DATA_DIR are those of the
server.
`;

const MAX_FAILURES = 10;

type Terminal = { env: NodeJS.ProcessEnv; out: (text: string) => void; err: (text: string) => void };

/** @returns the exit code */
export async function runStorage(values: readonly string[], { env, out, err }: Terminal): Promise<number> {
  try {
    if (values.length === 0 || /^(-h|--help|help)$/.test(String(values[0]))) {
      out(USAGE);
      return 0;
    }
    const [from, to] = directionOf(values);
    const copied = await copy(readConfig(env), from, to, out);
    out(`${summaryOf(copied)}\n`);
    for (const { key, error } of copied.failures.slice(0, MAX_FAILURES)) err(`${key}: ${reasonOf(error)}\n`);
    if (copied.failures.length === 0) return 0;
    err(`${count(copied.failures.length, 'file')} could not be copied: run the command again\n`);
    return 1;
  } catch (error) {
    const isExpected = error instanceof ConfigError || error instanceof StartError;
    err(`${isExpected ? error.message : ((error as Error).stack ?? error)}\n`);
    return 1;
  }
}

type Place = 'disk' | 's3';

function directionOf(values: readonly string[]): [from: Place, to: Place] {
  const direction = values.join(' ');
  if (direction === 'copy disk s3') return ['disk', 's3'];
  if (direction === 'copy s3 disk') return ['s3', 'disk'];
  throw new StartError(USAGE);
}

async function copy(config: Config, from: Place, to: Place, out: Terminal['out']): Promise<Copied> {
  if (!hasS3(config)) throw new StartError('S3_BUCKET must name the bucket');
  const storages: Record<Place, Storage> = { disk: diskStorage(config), s3: await s3Storage(config, TIMINGS) };
  const names: Record<Place, string> = { disk: resolve(config.dataDir), s3: `the bucket ${config.s3Bucket}` };
  try {
    await storages.disk.open();
    await storages.s3.open();
    out(`Copying from ${names[from]} to ${names[to]}\n`);
    return await copyFiles(storages[from], storages[to], (copied) => out(`${summaryOf(copied)} so far\n`));
  } finally {
    await storages.s3.close();
  }
}

const summaryOf = ({ files, bytes, known }: Copied): string =>
  `${count(files, 'file')} copied (${(bytes / 1e6).toFixed(1)} MB), ${known.toLocaleString('en')} were there already`;

const count = (number: number, noun: string): string =>
  `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`;
