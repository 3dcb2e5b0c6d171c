/** The client of the object store. It finds its credentials itself, by the usual variables and files of AWS. */
import { S3Client } from '@aws-sdk/client-s3';
import type { Timings } from '../../process/timings.js';

/** As `Config` has them. */
export type S3Settings = {
  s3Bucket: string;
  /** Absent: Amazon S3. */
  s3Endpoint?: string | undefined;
  s3Region?: string | undefined;
  awsRegion?: string | undefined;
  s3ForcePathStyle?: boolean | undefined;
  /** Begins every key, with a slash at its end. */
  s3Prefix?: string | undefined;
  s3Downloads: 'proxy' | 'redirect';
};

/** Stores other than Amazon's ignore the region, but it is part of every signature. */
const ANY_REGION = 'us-east-1';
/** A slow download occupies a connection: it must not keep results from being stored. */
const AGENT = { keepAlive: true, maxSockets: Number.POSITIVE_INFINITY };

/** It tries each request three times, with growing pauses. */
export function createClient(settings: S3Settings, { s3ConnectTimeoutMs, s3SilenceTimeoutMs }: Timings): S3Client {
  const { s3Endpoint: endpoint } = settings;
  const region = settings.s3Region ?? settings.awsRegion ?? (endpoint === undefined ? undefined : ANY_REGION);
  return new S3Client({
    ...(region !== undefined && { region }),
    ...(endpoint !== undefined && { endpoint }),
    forcePathStyle: settings.s3ForcePathStyle ?? endpoint !== undefined,
    requestHandler: {
      connectionTimeout: s3ConnectTimeoutMs,
      socketTimeout: s3SilenceTimeoutMs,
      httpAgent: AGENT,
      httpsAgent: AGENT,
    },
  });
}
