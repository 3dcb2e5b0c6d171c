/** Which ComfyUIs can be used, by what they say of themselves. */
import { unsupported } from '../../src/comfyui/index.js';

const of = (comfyui_version: string) =>
  unsupported({ system: { os: 'linux', ram_total: 0, ram_free: 0, comfyui_version }, devices: [] });

test.each(['0.3.64', 'v0.3.64', '0.3.65', '0.4', '0.33.0', '0.3.75-3-gabc1234', '0.8.0+fork', '1.0.0', '10.2.3'])(
  '%s can be used',
  (version) => {
    expect(of(version)).toBeUndefined();
  },
);

test.each([
  ['0.3.63', 'this one is 0.3.63'],
  ['v0.2.7', 'this one is v0.2.7'],
  ['0.3', 'this one is 0.3'],
  ['', 'this one does not say its version'],
  ['unknown', 'this one calls itself unknown'],
  ['my fork', 'this one calls itself my fork'],
])('%p cannot, and the reason says what is needed', (version, reason) => {
  expect(of(version)).toBe(`It needs ComfyUI 0.3.64 or newer, which takes an id for each prompt; ${reason}`);
});
