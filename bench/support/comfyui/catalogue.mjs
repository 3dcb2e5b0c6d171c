/** What a ComfyUI says about itself, from a simulator that runs only for this. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const PATHS = ['/system_stats', '/object_info', '/features', '/models'];

/** @returns the body of each route by its path */
export async function readCatalogue() {
  const child = spawn(process.execPath, ['dist/simulator/main.js'], {
    env: { ...process.env, SIMULATOR_PORT: '0', NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const url = await new Promise((resolve, reject) => {
      createInterface({ input: child.stdout }).on('line', (line) => resolve(line.split(' ').at(-1)));
      child.once('exit', (code) => reject(new Error(`the simulator ended with ${code}`)));
    });
    const bodies = new Map();
    const read = async (path) => {
      const response = await fetch(`${url}${path}`);
      if (response.ok) bodies.set(path, await response.text());
      return bodies.get(path) ?? '[]';
    };
    for (const path of PATHS) await read(path);
    for (const folder of JSON.parse(bodies.get('/models') ?? '[]')) await read(`/models/${folder}`);
    const classes = JSON.parse(bodies.get('/object_info'));
    for (const [name, info] of Object.entries(classes))
      bodies.set(`/object_info/${name}`, JSON.stringify({ [name]: info }));
    return { bodies };
  } finally {
    child.kill('SIGTERM');
  }
}
