/** The rooms of src, from the ground up: a room may import only rooms listed before it. Type imports count. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

const FLOORS = [
  'process',
  'graphql',
  'limits',
  'db',
  'storage',
  'comfyui',
  'accounts',
  'workflows',
  'backends',
  'runner',
  'assets',
  'generations',
  'deliveries',
  'metrics',
  'api',
  'server',
];
/** These rooms import nothing from src. */
const GROUND = ['process', 'graphql', 'comfyui'];
/** The composition may import all rooms: the files beside the rooms, and the command lines. */
const COMPOSITION = ['', 'accounts-command', 'storage-command'];
/** The floors of the ComfyUI client. */
const COMFYUI = ['protocol', 'transport', 'run', ''];

const IMPORT =
  /^(?:import|export)\b[^;]*?from '(\.{1,2}\/[^']+)'|^import '(\.{1,2}\/[^']+)'|\bimport\('(\.{1,2}\/[^']+)'\)/gm;

const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.startsWith('web/'))
  .sort();

const roomOf = (file: string, depth = 0): string => file.split('/').slice(depth, -1)[0] ?? '';

/** Each import, with its file and line for the failure message. */
const imports = files.flatMap((file) => {
  const text = readFileSync(join('src', file), 'utf8');
  return [...text.matchAll(IMPORT)].map((found) => {
    const to = normalize(join(dirname(file), String(found[1] ?? found[2] ?? found[3])));
    const line = text.slice(0, found.index + found[0].length).split('\n').length;
    return { from: file, to, where: `src/${file}:${line} imports ${to}` };
  });
});

function isAllowed(from: string, to: string): boolean {
  const [room, other] = [roomOf(from), roomOf(to)];
  if (room === other || COMPOSITION.includes(room)) return true;
  if (room === 'simulator') return to.startsWith('comfyui/protocol/');
  if (GROUND.includes(room)) return false;
  return FLOORS.includes(other) && FLOORS.indexOf(other) < FLOORS.indexOf(room);
}

test('every room has a floor', () => {
  const rooms = new Set(files.map((file) => roomOf(file)));
  expect([...rooms].sort()).toEqual([...FLOORS, ...COMPOSITION, 'simulator'].sort());
});

test('the pattern finds at least one import per file', () => {
  expect(imports.length).toBeGreaterThan(files.length);
});

test('no room imports a higher room', () => {
  expect(imports.filter(({ from, to }) => !isAllowed(from, to)).map(({ where }) => where)).toEqual([]);
});

test('in the ComfyUI client, run imports transport, and transport imports protocol', () => {
  const floorOf = (file: string) => COMFYUI.indexOf(roomOf(file, 1));
  const inside = imports.filter(({ from, to }) => roomOf(from) === 'comfyui' && roomOf(to) === 'comfyui');
  expect(inside.filter(({ from, to }) => floorOf(to) > floorOf(from)).map(({ where }) => where)).toEqual([]);
});
