/** The configuration from environment variables, and the messages for invalid ones. */
import { ConfigError, readConfig } from '../src/config.js';

const faultsOf = (env: Record<string, string>): string => {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error('The configuration is valid');
};
const SECRET = 'kR7vQ2mZ9xW4tB6nL1cJ8sD3fH5gP0yU';
const OLD = 'w8Yt3nKp6Vb1Xc9Zr4Qm7Js2Hd5Lf0Ga';
const OLDER = 'b2Nf7Gh4Kx9Pq1Tz6Wc3Rv8My5Lj0SdE';

test('an empty environment is valid', () => {
  expect(readConfig({})).toMatchObject({
    port: 4000,
    host: '127.0.0.1',
    dataDir: './data',
    databaseUrl: undefined,
    comfyuiUrl: undefined,
    jwtSecret: undefined,
    jwtSecretPrevious: undefined,
    adminEmail: undefined,
    defaultModel: undefined,
    corsOrigin: '*',
    publicUrl: undefined,
    keepAliveSeconds: 620,
    accessTokenSeconds: 3_600,
    refreshTokenSeconds: 30 * 86_400,
    generationTimeoutSeconds: 7_200,
    queueTimeoutSeconds: 86_400,
    maxRunningPerUser: undefined,
    maxRunningPerAdmin: undefined,
    maxQueuedPerUser: 500,
    maxQueuedPerAdmin: undefined,
    maxQueued: 100_000,
    maxUploadsPerMinute: 60,
    maxUploadBytes: 104_857_600,
    maxUploadsPerUser: 100,
    maxUploadBytesPerUser: 1_073_741_824,
    simulatorStepMs: 300,
    logFormat: 'auto',
    logLevel: 'info',
  });
});

test('every variable is read', () => {
  expect(
    readConfig({
      PORT: '0',
      HOST: '::',
      DATA_DIR: '/var/lib/comfygraph',
      DATABASE_URL: 'postgres://user:p%40ss@db.example.com:5433/pictures',
      COMFYUI_URL: 'https://comfyui.example.com:8443/base',
      JWT_SECRET: SECRET,
      JWT_SECRET_PREVIOUS: `${OLD},${OLDER}`,
      ADMIN_EMAIL: ' Root@Example.com',
      DEFAULT_MODEL: 'stable-diffusion-1.5',
      CORS_ORIGIN: 'https://a.example.com,http://localhost:3000',
      ACCESS_TOKEN_SECONDS: '60',
      REFRESH_TOKEN_SECONDS: '120',
      GENERATION_TIMEOUT_SECONDS: '30',
      QUEUE_TIMEOUT_SECONDS: '40',
      MAX_RUNNING_PER_USER: '1',
      MAX_RUNNING_PER_ADMIN: '2',
      MAX_QUEUED_PER_USER: '3',
      MAX_QUEUED_PER_ADMIN: '4',
      MAX_QUEUED: '5',
      SIMULATOR_STEP_MS: '0',
      LOG_LEVEL: 'debug',
      PATH: '/usr/bin',
    }),
  ).toMatchObject({
    port: 0,
    host: '::',
    dataDir: '/var/lib/comfygraph',
    databaseUrl: 'postgres://user:p%40ss@db.example.com:5433/pictures',
    comfyuiUrl: [{ name: 'comfyui-1', url: 'https://comfyui.example.com:8443/base' }],
    jwtSecret: SECRET,
    jwtSecretPrevious: [OLD, OLDER],
    adminEmail: 'root@example.com',
    defaultModel: 'stable-diffusion-1.5',
    corsOrigin: ['https://a.example.com', 'http://localhost:3000'],
    accessTokenSeconds: 60,
    refreshTokenSeconds: 120,
    generationTimeoutSeconds: 30,
    queueTimeoutSeconds: 40,
    maxRunningPerUser: 1,
    maxRunningPerAdmin: 2,
    maxQueuedPerUser: 3,
    maxQueuedPerAdmin: 4,
    maxQueued: 5,
    simulatorStepMs: 0,
    logLevel: 'debug',
  });
});

test('an empty variable counts as absent', () => {
  const names = [
    'PORT',
    'DATABASE_URL',
    'COMFYUI_URL',
    'JWT_SECRET',
    'JWT_SECRET_PREVIOUS',
    'REGISTRATION',
    'ADMIN_EMAIL',
    'DEFAULT_MODEL',
    'CORS_ORIGIN',
    'LOG_LEVEL',
  ];
  for (const empty of ['', '  '])
    expect(readConfig(Object.fromEntries(names.map((name) => [name, empty])))).toEqual(readConfig({}));
});

test('all faults are reported at once, one line each', () => {
  const wrong = {
    PORT: '70000',
    DATABASE_URL: 'mysql://db',
    COMFYUI_URL: 'comfyui:8188',
    JWT_SECRET: 'changeme',
    JWT_SECRET_PREVIOUS: 'changeme',
    ADMIN_EMAIL: 'root',
    CORS_ORIGIN: 'example.com',
    ACCESS_TOKEN_SECONDS: '0',
    REFRESH_TOKEN_SECONDS: 'a month',
    GENERATION_TIMEOUT_SECONDS: '1.5',
    QUEUE_TIMEOUT_SECONDS: '-1',
    MAX_QUEUED_PER_USER: '0',
    MAX_QUEUED: 'many',
    SIMULATOR_STEP_MS: 'fast',
    LOG_LEVEL: 'loud',
  };
  const lines = faultsOf(wrong).split('\n');
  for (const name of Object.keys(wrong))
    expect(lines.filter((line) => new RegExp(`^ *${name}[.:]`).test(line)).length).toBeGreaterThan(0);
  expect(lines).toContain('  PORT: must be a whole number from 0 to 65535');
  expect(lines).toContain('  MAX_QUEUED: must be a whole number from 1 to 1000000');
});

test('the prefix of objects has one slash at its end, and the path style is true or false', () => {
  for (const S3_PREFIX of ['a/b', '/a/b/', '//a/b//']) expect(readConfig({ S3_PREFIX }).s3Prefix).toBe('a/b/');
  expect(readConfig({ S3_PREFIX: '/' }).s3Prefix).toBe('');
  expect(faultsOf({ S3_PREFIX: 'a b' })).toContain('S3_PREFIX: may have');
  expect(readConfig({ S3_FORCE_PATH_STYLE: 'false' }).s3ForcePathStyle).toBe(false);
  expect(readConfig({}).s3ForcePathStyle).toBeUndefined();
});

test('each ComfyUI has its given name, or one by its position', () => {
  const COMFYUI_URL = 'gpu-a=http://10.0.0.5:8188, http://me:a=b@10.0.0.6:8188/base/,gpu.c = https://10.0.0.7';
  expect(readConfig({ COMFYUI_URL }).comfyuiUrl).toEqual([
    { name: 'gpu-a', url: 'http://10.0.0.5:8188' },
    { name: 'comfyui-2', url: 'http://me:a=b@10.0.0.6:8188/base/' },
    { name: 'gpu.c', url: 'https://10.0.0.7' },
  ]);
});

test.each([
  ['no URL', 'http://a,gpu', ['address 2 must be an http(s) URL']],
  ['a URL of another kind', 'gpu=ftp://a', ['address 1 must be an http(s) URL']],
  ['an empty entry', 'http://a,,http://b', ['address 2 must be an http(s) URL']],
  ['a password that cannot be read', 'http://me:100%@a', ['address 1 must be an http(s) URL']],
  ['an empty name', '=http://a', ['the name of address 1 must be']],
  ['a name with a space', 'gpu a=http://a', ['the name of address 1 must be']],
  ['a name twice', 'a=http://a,a=http://b', ['addresses 1 and 2 have the same name, a']],
  ['the name of a position', 'comfyui-2=http://a,http://b', ['addresses 1 and 2 have the same name, comfyui-2']],
  ['an address twice', 'http://a:80/,http://b,x=http://me:hush@A', ['addresses 1 and 3 are the same']],
  [
    'all of these',
    'a b=http://a,c=nowhere,c=http://a',
    [
      'the name of address 1 must be',
      'address 2 must be an http(s) URL',
      'addresses 2 and 3 have the same name, c',
      'addresses 1 and 3 are the same',
    ],
  ],
])(
  'a COMFYUI_URL with %s is rejected with one line per fault, and no line contains an address',
  (_, COMFYUI_URL, faults) => {
    const lines = faultsOf({ COMFYUI_URL }).split('\n').slice(1);
    expect(lines).toHaveLength(faults.length);
    for (const [index, fault] of faults.entries()) expect(lines[index]).toContain(`COMFYUI_URL: ${fault}`);
    expect(lines.join()).not.toMatch(/hush|nowhere|100%/);
  },
);

test('a fault contains no secret', () => {
  expect(
    faultsOf({
      JWT_SECRET: 'too-short-to-be-one',
      JWT_SECRET_PREVIOUS: 'too-short-as-well',
      DATABASE_URL: 'mysql://user:hunter2@db',
    }),
  ).not.toMatch(/too-short|hunter2/);
});

test.each([
  ['a short one', 'abcdefghijklmnopqrstuvwxyz01234'],
  ['a known one', 'changeme'],
  ['one repeated character', 'x'.repeat(64)],
  ['a few repeated characters', 'secret'.repeat(10)],
])('%s is rejected as JWT_SECRET and as JWT_SECRET_PREVIOUS', (_, secret) => {
  expect(faultsOf({ JWT_SECRET: secret })).toContain('JWT_SECRET: ');
  for (const secrets of [`${secret}`, `${OLD},${secret}`, `${secret},${OLD}`])
    expect(faultsOf({ JWT_SECRET_PREVIOUS: secrets })).toMatch(/^ {2}JWT_SECRET_PREVIOUS\.\d: /m);
});

test('an empty entry in JWT_SECRET_PREVIOUS is rejected', () => {
  expect(faultsOf({ JWT_SECRET_PREVIOUS: `${OLD},,${OLDER}` })).toContain('JWT_SECRET_PREVIOUS.1: ');
});

test('the length of a JWT_SECRET is counted in bytes', () => {
  expect(readConfig({ JWT_SECRET: 'αβγδεζηθικλμνξοπ' }).jwtSecret).toBe('αβγδεζηθικλμνξοπ');
});

test.each([
  '*,https://a.example.com',
  'https://a.example.com/',
  'https://a.example.com/path',
  'a.example.com',
  'https://*.example.com',
  'tauri://*',
  'tauri://localhost/',
  'https://a.example.com,',
  'https://a.example.com https://b.example.com',
])('%s is rejected as CORS_ORIGIN', (origins) => {
  expect(faultsOf({ CORS_ORIGIN: origins })).toContain('CORS_ORIGIN: ');
});
