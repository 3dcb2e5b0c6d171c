/** Which ComfyUIs are supported, by the version that they report. */
import { unsupported } from '../../../src/comfyui/index.js';

const reasonFor = (comfyui_version: string) =>
  unsupported({ system: { os: 'linux', ram_total: 0, ram_free: 0, comfyui_version }, devices: [] });

test.each(['0.3.64', 'v0.3.64', '0.3.65', '0.4', '0.33.0', '0.3.75-3-gabc1234', '0.8.0+fork', '1.0.0', '10.2.3'])(
  'version %s is supported',
  (version) => {
    expect(reasonFor(version)).toBeUndefined();
  },
);

test.each([
  ['0.3.63', 'this one reports version 0.3.63'],
  ['v0.2.7', 'this one reports version v0.2.7'],
  ['0.3', 'this one reports version 0.3'],
  ['', 'this one reports no version'],
  ['unknown', 'this one reports version unknown'],
  ['my fork', 'this one reports version my fork'],
])('version %p is not supported, and the reason says what is required', (version, reason) => {
  expect(reasonFor(version)).toBe(`ComfyUI 0.3.64 or newer is required, which accepts the id of a prompt: ${reason}`);
});
