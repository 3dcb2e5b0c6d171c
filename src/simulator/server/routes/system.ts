/** The server's stats and features. */
import { type HttpResponse, json, type RouteContext } from './route.js';

const GIB = 1024 ** 3;

const MEMORY = {
  vram_total: 16 * GIB,
  vram_free: 12 * GIB,
  torch_vram_total: 16 * GIB,
  torch_vram_free: 12 * GIB,
};

export function systemStats({ instance }: RouteContext): HttpResponse {
  const { version } = instance.catalog;
  const { reportedVersion = version } = instance.shared.settings;
  return json({
    system: {
      // Newer versions report Python's `sys.platform`, older ones `os.name`.
      os: version === '0.3.64' ? 'posix' : 'linux',
      ram_total: 16 * GIB,
      ram_free: 12 * GIB,
      ...(reportedVersion !== null && { comfyui_version: reportedVersion }),
      required_frontend_version: '1.27.10',
      installed_templates_version: null,
      required_templates_version: '0.1.95',
      python_version: '3.11.7 (main, Dec  4 2023, 18:10:11) [GCC 12.2.0]',
      pytorch_version: '2.8.0+cpu',
      embedded_python: false,
      argv: ['main.py', '--cpu'],
      // Not in ComfyUI: a gateway can tell its users that no model made the pictures.
      simulated: true,
    },
    devices: [{ name: 'cpu', type: 'cpu', index: null, ...MEMORY }],
  });
}

export function features({ instance }: RouteContext): HttpResponse {
  return json(instance.features);
}
