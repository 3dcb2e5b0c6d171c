/** The environment, checked once at start. The only reader of process.env; every fault is named at once. */
import { z } from 'zod';
import { isEmail, normaliseEmail } from './accounts/email.js';
import { type BackendAddress, readAddresses } from './backends/addresses.js';
import { type BackendHeaders, readHeaders } from './backends/headers.js';
import { faultOf } from './db/database-url.js';
import { type Origins, readOrigins } from './server/http/origins.js';

const seconds = (fallback: number, max: number) => z.coerce.number().int().min(1).max(max).default(fallback);
const limit = z.coerce.number().int().min(1).max(1_000_000);
const addresses = z.string().transform((text, { issues }) => {
  const { addresses, faults } = readAddresses(text);
  for (const message of faults) issues.push({ code: 'custom', message, input: text });
  return addresses;
});

const databaseUrl = z.string().check(({ value, issues }) => {
  const message = faultOf(value);
  if (message !== undefined) issues.push({ code: 'custom', message, input: value });
});

const headers = z.string().transform((text, { issues }) => {
  const { headers, faults } = readHeaders(text);
  for (const message of faults) issues.push({ code: 'custom', message, input: text });
  return headers;
});

const secret = z
  .string()
  .refine((text) => Buffer.byteLength(text) >= 32, 'must have at least 32 bytes; try: openssl rand -base64 48')
  .refine((text) => new Set(text).size >= 8, 'repeats too few characters to be a secret; try: openssl rand -base64 48');

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

const environment = z.object({
  PORT: z.coerce.number().int().min(0).max(65_535).default(4000),
  HOST: z.string().default('127.0.0.1'),
  DATA_DIR: z.string().default('./data'),
  DATABASE_URL: databaseUrl.optional(),
  DATABASE_POOL_SIZE: z.coerce.number().int().min(2).max(1_000).default(10),
  COMFYUI_URL: addresses.optional(),
  COMFYUI_HEADERS: headers.optional(),
  JWT_SECRET: secret.optional(),
  REGISTRATION: z.enum(['open', 'closed']).default('open'),
  ADMIN_EMAIL: z.string().transform(normaliseEmail).refine(isEmail, 'must be an email address').optional(),
  JWT_SECRET_PREVIOUS: z
    .string()
    .transform((list) => list.split(','))
    .pipe(z.array(secret))
    .optional(),
  DEFAULT_MODEL: z.string().optional(),
  PUBLIC_URL: publicUrl.optional(),
  KEEP_ALIVE_SECONDS: seconds(620, 86_400),
  CORS_ORIGIN: origins.prefault('*'),
  INTROSPECTION: z.enum(['on', 'off']).default('on'),
  ACCESS_TOKEN_SECONDS: seconds(3600, 86_400),
  REFRESH_TOKEN_SECONDS: seconds(30 * 86_400, 365 * 86_400),
  GENERATION_TIMEOUT_SECONDS: seconds(2 * 3600, 7 * 86_400),
  QUEUE_TIMEOUT_SECONDS: seconds(86_400, 30 * 86_400),
  STALL_TIMEOUT_SECONDS: seconds(3600, 7 * 86_400),
  MAX_SIGN_INS_PER_ADDRESS: limit.default(50),
  MAX_SIGN_UPS_PER_ADDRESS: limit.default(20),
  MAX_CREATED_PER_MINUTE: limit.default(120),
  TRUSTED_PROXIES: z.coerce.number().int().min(0).max(10).default(0),
  MAX_SOCKETS_PER_USER: limit.default(50),
  MAX_SOCKETS_PER_ADDRESS: limit.default(200),
  MAX_REQUESTS_PER_ADDRESS: limit.default(100),
  MAX_RUNNING_PER_USER: limit.optional(),
  MAX_RUNNING_PER_ADMIN: limit.optional(),
  MAX_QUEUED_PER_USER: limit.default(500),
  MAX_QUEUED_PER_ADMIN: limit.optional(),
  MAX_QUEUED: limit.default(100_000),
  SIMULATOR_STEP_MS: z.coerce.number().int().min(0).max(60_000).default(300),
  LOG_FORMAT: z.enum(['auto', 'pretty', 'json']).default('auto'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
});

/** The names of all variables. */
export const VARIABLES: readonly string[] = Object.keys(environment.shape);

export type Config = {
  /** TCP port of HTTP and WebSocket; 0 lets the system choose. */
  port: number;
  host: string;
  /** Folder of the embedded PostgreSQL, the pictures and the generated secret. */
  dataDir: string;
  /** Absent: the embedded PostgreSQL. */
  databaseUrl: string | undefined;
  /** How many connections to PostgreSQL requests and jobs share; one more is kept apart. */
  databasePoolSize: number;
  /** Each with its headers. Absent: the simulator. */
  comfyuiUrl: BackendAddress[] | undefined;
  comfyuiHeaders: BackendHeaders | undefined;
  /** Absent: one generated and kept under dataDir. */
  jwtSecret: string | undefined;
  /** What was signed by these is good still. */
  jwtSecretPrevious: string[] | undefined;
  /** Whether anybody who reaches the server may sign up. */
  registration: 'open' | 'closed';
  /** Whose account is an admin's. Absent: the first that signs up. */
  adminEmail: string | undefined;
  defaultModel: string | undefined;
  /** Where browsers find this server behind its proxy, without a slash at the end. Absent: at the root of any host. */
  publicUrl: string | undefined;
  /** How long a connection without a request stays open. */
  keepAliveSeconds: number;
  /** `*`, or the origins that browsers may call from. */
  corsOrigins: Origins;
  /** Whether the schema is shown to nobody, too. */
  introspection: 'on' | 'off';
  accessTokenSeconds: number;
  refreshTokenSeconds: number;
  /** How long a generation may execute. */
  generationTimeoutSeconds: number;
  /** How long a generation may wait for a backend. */
  queueTimeoutSeconds: number;
  /** How long an executing generation may say nothing. */
  stallTimeoutSeconds: number;
  /** Sign-ins that fail within 15 minutes, and accounts that are made within an hour, from one address. */
  maxSignInsPerAddress: number;
  maxSignUpsPerAddress: number;
  /** Generations of one user. */
  maxCreatedPerMinute: number;
  /** How many a request passes before it comes here. */
  trustedProxies: number;
  maxSocketsPerUser: number;
  maxSocketsPerAddress: number;
  /** Requests over HTTP that are under way at once. */
  maxRequestsPerAddress: number;
  /** How many generations of one user may be on backends at once. Absent: there is no limit. */
  maxRunningPerUser: number | undefined;
  maxRunningPerAdmin: number | undefined;
  /** How many generations of one user may wait for a backend. */
  maxQueuedPerUser: number;
  maxQueuedPerAdmin: number | undefined;
  /** How many may wait in all. */
  maxQueued: number;
  simulatorStepMs: number;
  /** `auto`: for people in a terminal, JSON anywhere else. */
  logFormat: 'auto' | 'pretty' | 'json';
  logLevel: z.infer<typeof environment>['LOG_LEVEL'];
};

/** @throws ConfigError for headers of a name that no address has */
function withHeaders(addresses: BackendAddress[] | undefined, headers: BackendHeaders | undefined) {
  if (!addresses || !headers) return addresses;
  const names = new Set(addresses.map(({ name }) => name));
  const unknown = Object.keys(headers.named).filter((name) => !names.has(name));
  if (unknown.length > 0)
    throw new ConfigError(`The configuration is wrong:\n  COMFYUI_HEADERS: COMFYUI_URL names no ${unknown.join(', ')}`);
  return addresses.map((address) => ({ ...address, headers: { ...headers.all, ...headers.named[address.name] } }));
}

/** Thrown with one line for each variable that is wrong. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

/** @throws ConfigError */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  // An empty variable is an absent one: `FOO=` in an .env file means nothing was chosen.
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim()));
  const parsed = environment.safeParse(given);
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
    throw new ConfigError(`The configuration is wrong:\n${lines.join('\n')}`);
  }
  const values = parsed.data;
  return {
    port: values.PORT,
    host: values.HOST,
    dataDir: values.DATA_DIR,
    databaseUrl: values.DATABASE_URL,
    databasePoolSize: values.DATABASE_POOL_SIZE,
    comfyuiUrl: withHeaders(values.COMFYUI_URL, values.COMFYUI_HEADERS),
    comfyuiHeaders: values.COMFYUI_HEADERS,
    jwtSecret: values.JWT_SECRET,
    jwtSecretPrevious: values.JWT_SECRET_PREVIOUS,
    registration: values.REGISTRATION,
    adminEmail: values.ADMIN_EMAIL,
    defaultModel: values.DEFAULT_MODEL,
    publicUrl: values.PUBLIC_URL,
    keepAliveSeconds: values.KEEP_ALIVE_SECONDS,
    corsOrigins: values.CORS_ORIGIN,
    introspection: values.INTROSPECTION,
    accessTokenSeconds: values.ACCESS_TOKEN_SECONDS,
    refreshTokenSeconds: values.REFRESH_TOKEN_SECONDS,
    generationTimeoutSeconds: values.GENERATION_TIMEOUT_SECONDS,
    queueTimeoutSeconds: values.QUEUE_TIMEOUT_SECONDS,
    stallTimeoutSeconds: values.STALL_TIMEOUT_SECONDS,
    maxSignInsPerAddress: values.MAX_SIGN_INS_PER_ADDRESS,
    maxSignUpsPerAddress: values.MAX_SIGN_UPS_PER_ADDRESS,
    maxCreatedPerMinute: values.MAX_CREATED_PER_MINUTE,
    trustedProxies: values.TRUSTED_PROXIES,
    maxSocketsPerUser: values.MAX_SOCKETS_PER_USER,
    maxSocketsPerAddress: values.MAX_SOCKETS_PER_ADDRESS,
    maxRequestsPerAddress: values.MAX_REQUESTS_PER_ADDRESS,
    maxRunningPerUser: values.MAX_RUNNING_PER_USER,
    maxRunningPerAdmin: values.MAX_RUNNING_PER_ADMIN,
    maxQueuedPerUser: values.MAX_QUEUED_PER_USER,
    maxQueuedPerAdmin: values.MAX_QUEUED_PER_ADMIN,
    maxQueued: values.MAX_QUEUED,
    simulatorStepMs: values.SIMULATOR_STEP_MS,
    logFormat: values.LOG_FORMAT,
    logLevel: values.LOG_LEVEL,
  };
}
