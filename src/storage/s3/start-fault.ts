/** Explains to the operator why the bucket cannot be used. */
import { codeOf, reasonOf, StartError } from '../../process/start-error.js';
import type { S3Settings } from './s3-client.js';

const UNREACHABLE = /^(ENOTFOUND|ECONN\w+|EAI_\w+|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|EPROTO|CERT_\w+|\w+_CERT\w*)$/;

const HINTS: Record<string, string> = {
  NoSuchBucket: 'create the bucket, or correct S3_BUCKET',
  NotFound: 'create the bucket, or correct S3_BUCKET',
  AccessDenied:
    'allow this key to list the bucket and its multipart uploads, to read, write and delete its objects, and to abort uploads',
  InvalidAccessKeyId: 'correct AWS_ACCESS_KEY_ID',
  SignatureDoesNotMatch: 'correct AWS_SECRET_ACCESS_KEY',
  CredentialsProviderError: 'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give this machine a role',
  PermanentRedirect: "set S3_REGION to the bucket's region",
  AuthorizationHeaderMalformed: "set S3_REGION to the bucket's region",
  RequestTimeTooSkewed: "correct this machine's clock",
};

export function toStartError(error: unknown, { s3Bucket, s3Endpoint }: S3Settings): StartError {
  const name = (error as Partial<Error>).name ?? '';
  const where = `The bucket ${s3Bucket}${s3Endpoint === undefined ? '' : ` at ${s3Endpoint}`}`;
  // A connection to several addresses fails with an empty message.
  const reason = [name, reasonOf(error) || String(codeOf(error))].filter((part) => part !== 'Error').join(': ');
  if (name === 'TimeoutError' || UNREACHABLE.test(String(codeOf(error))))
    return new StartError(`${where} is unreachable (${reason}): check S3_ENDPOINT and the network`, { cause: error });
  if (reasonOf(error) === 'Region is missing')
    return new StartError(`${where} needs a region: set S3_REGION`, { cause: error });
  const hint = HINTS[name] ?? 'check the variables that begin with S3_';
  return new StartError(`${where} is not usable (${reason}): ${hint}`, { cause: error });
}
