/**
 * The simulator as a standalone process, for developers without a ComfyUI.
 *
 * @slow: starts servers as processes.
 */
import { existsSync, readdirSync } from 'node:fs';
import { Processes } from '../support/process.js';

const processes = new Processes();
afterEach(() => processes.end());

test.each(['SIGTERM', 'SIGINT'] as const)(
  'the simulator prints its address, responds there, and ends on %s with code 0',
  async (signal) => {
    const simulator = await processes.startSimulatorProcess();
    expect((await fetch(`${simulator.url}/system_stats`)).status).toBe(200);
    simulator.killGroup(signal);
    expect(await simulator.ended).toEqual({ code: 0, signal: null });
  },
);

test('the simulator ends although clients keep connections open, and removes its temporary files', async () => {
  const folder = await processes.newFolder();
  const simulator = await processes.startSimulatorProcess({ env: { TMPDIR: folder } });
  expect(readdirSync(folder)).toHaveLength(1);
  const socket = new WebSocket(`${simulator.url.replace('http', 'ws')}/ws?clientId=me`);
  await new Promise((resolve) => socket.addEventListener('message', resolve, { once: true }));
  simulator.kill('SIGTERM');
  expect((await simulator.ended).code).toBe(0);
  expect(existsSync(folder)).toBe(true);
  expect(readdirSync(folder)).toEqual([]);
});

test('the simulator has no control routes by default', async () => {
  const simulator = await processes.startSimulatorProcess({ env: { SIMULATOR_CONTROL: '' } });
  expect((await fetch(`${simulator.url}/simulator/journal`)).status).toBe(404);
});

test('a port in use is reported', async () => {
  const first = await processes.startSimulatorProcess();
  const second = processes.spawn(['dist/simulator/main.js'], { env: { SIMULATOR_PORT: new URL(first.url).port } });
  expect((await second.ended).code).toBe(1);
  expect(second.logs).toContain('EADDRINUSE');
});
