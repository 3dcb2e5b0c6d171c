/** Variables that resemble ours are reported, with the likely correction. */
import { VARIABLES } from '../../src/config.js';
import { findMisspelled } from '../../src/process/misspelled-variables.js';

const found = (...names: string[]) =>
  findMisspelled(Object.fromEntries(names.map((name) => [name, 'x'])), VARIABLES).map(({ meant }) => meant);

test.each([
  ['COMFY_URL', 'COMFYUI_URL'],
  ['COMFYUI_URLS', 'COMFYUI_URL'],
  ['comfyui_url', 'COMFYUI_URL'],
  ['DATABASE_URI', 'DATABASE_URL'],
  ['DATADIR', 'DATA_DIR'],
  ['ADMIN_MAIL', 'ADMIN_EMAIL'],
  ['LOGLEVEL', 'LOG_LEVEL'],
  ['JWT_SECRETS', 'JWT_SECRET'],
  ['CORS_ORIGINS', 'CORS_ORIGIN'],
  ['COMFYGRAPH_PORT', 'PORT'],
  ['COMFYGRAPH_DATA_DIR', 'DATA_DIR'],
  ['MAX_SOCKETS_PER_USERS', 'MAX_SOCKETS_PER_USER'],
])('%s is reported as a misspelled %s', (name, meant) => {
  expect(found(name)).toEqual([meant]);
});

test('an unknown name with our prefix is reported without a correction', () => {
  expect(found('COMFYUI_LAUNCH_ARGS')).toEqual([undefined]);
});

test('our own variables, empty ones, and those of other programs are not reported', () => {
  const others = [
    'HOSTNAME',
    'LOGNAME',
    'POSTGRES_URL',
    'NODE_ENV',
    'PATH',
    'HOME',
    'PORTS',
    'USER',
    'npm_config_cache',
  ];
  expect(found(...others, ...VARIABLES, 'SIMULATOR_PORT', 'TEST_LOG_LEVEL', 'CHROMIUM_PATH')).toEqual([]);
  expect(findMisspelled({ COMFY_URL: ' ' }, VARIABLES)).toEqual([]);
});
