/** The environment, validated once at start. The only reader of process.env; reports every invalid variable at once. */
import { z } from 'zod';
import { isEmail, normaliseEmail } from './accounts/email.js';
import { readAddresses } from './backends/settings/addresses.js';
import { readHeaders } from './backends/settings/headers.js';
import { validateDatabaseUrl } from './db/database-url.js';
import { readNetworks } from './deliveries/webhooks/networks.js';
import { readOrigins } from './server/http/origins.js';

const integer = (min: number, max: number) => {
  const error = `must be a whole number from ${min} to ${max}`;
  return z.coerce.number(error).refine((value) => Number.isInteger(value) && value >= min && value <= max, error);
};
const seconds = (fallback: number, max: number) => integer(1, max).default(fallback);
const limit = integer(1, 1_000_000);
const GIBIBYTE = 1024 ** 3;
const choice = <const Values extends readonly [string, ...string[]]>(...values: Values) =>
  z.enum(values, `must be ${values.join(' or ')}`);
const flag = choice('true', 'false').transform((text) => text === 'true');
const addresses = z.string().transform((text, { issues }) => {
  const { addresses, faults } = readAddresses(text);
  for (const message of faults) issues.push({ code: 'custom', message, input: text });
  return addresses;
});

const databaseUrl = z.string().check(({ value, issues }) => {
  const message = validateDatabaseUrl(value);
  if (message !== undefined) issues.push({ code: 'custom', message, input: value });
});

const headers = z.string().transform((text, { issues }) => {
  const { headers, faults } = readHeaders(text);
  for (const message of faults) issues.push({ code: 'custom', message, input: text });
  return headers;
});

const networks = z.string().transform((text, { issues }) => {
  const { networks, faults } = readNetworks(text);
  for (const message of faults) issues.push({ code: 'custom', message, input: text });
  return networks;
});

const nodePatterns = z.string().transform((list) =>
  list
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== ''),
);

const secret = z
  .string()
  .refine((text) => Buffer.byteLength(text) >= 32, 'must have at least 32 bytes; try: openssl rand -base64 48')
  .refine((text) => new Set(text).size >= 8, 'must have at least 8 different characters; try: openssl rand -base64 48');

const origins = z.string().transform((text, { issues }) => {
  const message = 'must be * or origins separated by commas, for example https://app.example.com, tauri://localhost';
  const read = readOrigins(text);
  if (!read) issues.push({ code: 'custom', message, input: text });
  return read ?? z.NEVER;
});

const publicUrl = z
  .url({ protocol: /^https?$/, error: 'must look like https://pictures.example.com/comfygraph' })
  .refine((text) => !/[?#@]/.test(text), 'must have no user, query or fragment')
  .transform((text) => new URL(text).href.replace(/\/+$/, ''));

/** Begins keys of objects: no slash before it, and one after it. */
const prefix = z
  .string()
  .regex(/^[\w!.*'()/-]*$/, "may have letters, digits and / ! - _ . * ' ( )")
  .transform((text) => text.replace(/^\/+|\/+$/g, ''))
  .transform((text) => (text === '' ? '' : `${text}/`));

const environment = z.object({
  /** TCP port of HTTP and WebSocket; 0 lets the system choose. */
  PORT: integer(0, 65_535).default(4000),
  HOST: z.string().default('127.0.0.1'),
  /** Folder of the embedded PostgreSQL, the pictures and the generated secret. */
  DATA_DIR: z.string().default('./data'),
  /** Absent: the embedded PostgreSQL. */
  DATABASE_URL: databaseUrl.optional(),
  /** Connections that requests and jobs share; the pinned connection is extra. */
  DATABASE_POOL_SIZE: integer(2, 1_000).default(10),
  /** Absent: the simulator. */
  COMFYUI_URL: addresses.optional(),
  COMFYUI_HEADERS: headers.optional(),
  /** Absent: files are stored in DATA_DIR. */
  S3_BUCKET: z.string().optional(),
  /** Absent: Amazon S3. */
  S3_ENDPOINT: z.url({ protocol: /^https?$/, error: 'must look like https://s3.example.com' }).optional(),
  S3_REGION: z.string().optional(),
  /** The region if S3_REGION is absent. */
  AWS_REGION: z.string().optional(),
  /** Whether the bucket is in the path of URLs, not in the host name. Absent: with S3_ENDPOINT. */
  S3_FORCE_PATH_STYLE: flag.optional(),
  /** Begins the key of every object. */
  S3_PREFIX: prefix.optional(),
  /** Whether downloads pass this server, or are redirected to the object store where that is safe. */
  S3_DOWNLOADS: choice('proxy', 'redirect').default('proxy'),
  /** Absent: one is generated and kept in DATA_DIR. */
  JWT_SECRET: secret.optional(),
  /** Whether everyone may sign up. */
  REGISTRATION: choice('open', 'closed').default('open'),
  /** The account with this email address is an admin. Absent: the first account. */
  ADMIN_EMAIL: z.string().transform(normaliseEmail).refine(isEmail, 'must be an email address').optional(),
  /** Tokens and URLs signed with these secrets stay valid. */
  JWT_SECRET_PREVIOUS: z
    .string()
    .transform((list) => list.split(','))
    .pipe(z.array(secret))
    .optional(),
  DEFAULT_MODEL: z.string().optional(),
  /** Who may save workflows, and run graphs of their own. */
  WORKFLOW_AUTHORS: choice('admins', 'users').default('admins'),
  /** The node classes in graphs of users who are no admins: names, `core`, and patterns with `*`. */
  ALLOWED_NODES: nodePatterns.prefault('core'),
  /** Address of this server behind its proxy, without a trailing slash. Absent: the root of any host. */
  PUBLIC_URL: publicUrl.optional(),
  /** How long an idle HTTP connection stays open. */
  KEEP_ALIVE_SECONDS: seconds(620, 86_400),
  /** `*`, or the origins that browsers may call from. */
  CORS_ORIGIN: origins.prefault('*'),
  /** Whether clients without a credential may read the schema. */
  INTROSPECTION: choice('on', 'off').default('on'),
  ACCESS_TOKEN_SECONDS: seconds(3600, 86_400),
  REFRESH_TOKEN_SECONDS: seconds(30 * 86_400, 365 * 86_400),
  /** How long a generation may execute. */
  GENERATION_TIMEOUT_SECONDS: seconds(2 * 3600, 7 * 86_400),
  /** How long a generation may wait for a backend. */
  QUEUE_TIMEOUT_SECONDS: seconds(86_400, 30 * 86_400),
  /** How long an executing generation may report no progress. */
  STALL_TIMEOUT_SECONDS: seconds(3600, 7 * 86_400),
  /** Failed sign-ins per 15 minutes. */
  MAX_SIGN_INS_PER_ADDRESS: limit.default(50),
  /** New accounts per hour. */
  MAX_SIGN_UPS_PER_ADDRESS: limit.default(20),
  /** New generations per user. */
  MAX_CREATED_PER_MINUTE: limit.default(120),
  /** New uploads per user. */
  MAX_UPLOADS_PER_MINUTE: limit.default(60),
  /** Bytes of one upload. The server holds it in memory while it inspects it or sends it to ComfyUI. */
  MAX_UPLOAD_BYTES: integer(1, GIBIBYTE).default(100 * 1024 * 1024),
  /** Uploads of one user that have not expired, and their bytes. */
  MAX_UPLOADS_PER_USER: limit.default(100),
  MAX_UPLOAD_BYTES_PER_USER: integer(1, 1024 * GIBIBYTE).default(GIBIBYTE),
  /** Networks of private addresses that webhooks may be sent to. */
  WEBHOOK_PRIVATE_NETWORKS: networks.optional(),
  /** How many proxies a request passes before it arrives here. */
  TRUSTED_PROXIES: integer(0, 10).default(0),
  MAX_SOCKETS_PER_USER: limit.default(50),
  MAX_SOCKETS_PER_ADDRESS: limit.default(200),
  /** Concurrent HTTP requests. */
  MAX_REQUESTS_PER_ADDRESS: limit.default(100),
  /** Generations of one user on backends at once. Absent: unlimited. */
  MAX_RUNNING_PER_USER: limit.optional(),
  MAX_RUNNING_PER_ADMIN: limit.optional(),
  /** Generations of one user that wait for a backend. */
  MAX_QUEUED_PER_USER: limit.default(500),
  MAX_QUEUED_PER_ADMIN: limit.optional(),
  /** Waiting generations of all users. */
  MAX_QUEUED: limit.default(100_000),
  /** The bearer token of `/metrics`. Absent: that path does not exist. */
  METRICS_TOKEN: secret.optional(),
  /** How many generations of a user are kept, for how long, and how large. Absent: all. */
  KEEP_DAYS: integer(1, 36_500).optional(),
  KEEP_COUNT: limit.optional(),
  KEEP_BYTES: integer(1, 1024 * GIBIBYTE).optional(),
  SIMULATOR_STEP_MS: integer(0, 60_000).default(300),
  /** `auto`: pretty in a terminal, JSON elsewhere. */
  LOG_FORMAT: choice('auto', 'pretty', 'json').default('auto'),
  LOG_LEVEL: choice('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent').default('info'),
});

/** COMFYUI_URL with COMFYUI_HEADERS added to each address. */
const withHeaders = environment.transform((values, { issues }) => {
  const { COMFYUI_URL: urls, COMFYUI_HEADERS: headers } = values;
  if (!urls || !headers) return values;
  const names = new Set(urls.map(({ name }) => name));
  const unknown = Object.keys(headers.named).filter((name) => !names.has(name));
  if (unknown.length > 0) {
    const message = `COMFYUI_URL names no ${unknown.join(', ')}`;
    issues.push({ code: 'custom', path: ['COMFYUI_HEADERS'], message, input: values });
  }
  const addHeaders = (name: string) => ({ ...headers.all, ...headers.named[name] });
  return { ...values, COMFYUI_URL: urls.map((address) => ({ ...address, headers: addHeaders(address.name) })) };
});

type Values = z.infer<typeof environment>;

/** The names of all variables. */
export const VARIABLES = Object.keys(environment.shape) as readonly (keyof Values)[];

type CamelCase<Name extends string> = Name extends `${infer Word}_${infer Rest}`
  ? `${Lowercase<Word>}${Capitalize<CamelCase<Rest>>}`
  : Lowercase<Name>;

/** Each variable by its name in camel case: `MAX_QUEUED` is `maxQueued`. An absent one without a default is undefined. */
export type Config = { [Name in keyof Values as CamelCase<Name>]: Values[Name] };

const camelCase = (name: string): string =>
  name.toLowerCase().replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());

/** Thrown with one line for each invalid variable. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

/** @throws ConfigError */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  // `FOO=` in an .env file means that FOO is not set.
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim()));
  const parsed = withHeaders.safeParse(given);
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
    throw new ConfigError(`The configuration is invalid:\n${lines.join('\n')}`);
  }
  return Object.fromEntries(VARIABLES.map((name) => [camelCase(name), parsed.data[name]])) as Config;
}
