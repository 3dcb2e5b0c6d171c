/**
 * Where one prompt at a time is played: who submitted it, which node is current, whether it was interrupted, and how its
 * messages, steps and previews go out.
 */
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import type { NodeId, SocketMessage } from '../../comfyui/protocol/protocol.js';
import type { Faults, Passing, Point } from '../faults/faults.js';
import type { Files, NodeRun, Preview, Shelf } from '../nodes/node.js';
import type { Settings } from '../options.js';
import { open } from '../pictures/bitmap.js';
import { PythonError } from '../python/python.js';
import * as frames from '../server/frames.js';
import type { Sockets } from '../server/sockets.js';
import { Interrupted, WorkerDeath } from './execution-error.js';
import type { NodeBase } from './executor.js';
import type { Progress } from './progress.js';

const PREVIEW_QUALITY = 95;

export type StageOptions = {
  settings: Settings;
  faults: Faults;
  sockets: Sockets;
  files: Files;
  shelf: Shelf;
  /** Aborts when there is nothing left to play. */
  signal: AbortSignal;
};

const PREVIEW_METHODS = new Set<unknown>(['none', 'auto', 'latent2rgb', 'taesd']);

export class Stage {
  /** Who hears of the prompt, and of none after it until the next begins. */
  clientId: string | null = null;
  /** The graph's own id of the node that runs. */
  node: NodeId | null = null;
  interrupted = false;

  constructor(private readonly options: StageOptions) {}

  /** To the submitter; without one to nobody, or to all if so told. */
  tell(message: SocketMessage, toAll = false): void {
    if (this.clientId !== null || toAll) this.options.sockets.publish(message, this.clientId);
  }

  /** Passes a point: stands still while held, and raises what a fault wants raised. */
  async pass(point: Point, passing: Passing): Promise<void> {
    const { faults, signal } = this.options;
    if (point !== 'start') await faults.gate.pass(signal);
    for (const action of await faults.reach(point, passing, signal)) {
      if (action.do === 'die') throw new WorkerDeath('The simulator was told to die here');
      if (action.do !== 'fail') continue;
      const { type = 'RuntimeError', message = 'The simulator was told to fail here' } = action;
      throw new PythonError(type, message);
    }
    signal.throwIfAborted();
  }

  /** Looks at the flag where ComfyUI does: before each node and in each step. */
  throwIfInterrupted(): void {
    if (!this.interrupted) return;
    this.interrupted = false;
    throw new Interrupted();
  }

  async enterNode(at: { promptId: string; node: NodeId; classType: string }): Promise<void> {
    await this.pass('node', at);
    this.throwIfInterrupted();
  }

  /** Completes what a node can reach. */
  lend(base: NodeBase, progress: Progress): NodeRun {
    const { settings, sockets, files, shelf, signal } = this.options;
    return {
      ...base,
      files,
      shelf,
      signal,
      stepMs: settings.stepMs,
      showsPreviews: () => this.#wantsPreviews(base.extraData) && sockets.hears(this.clientId),
      previewPx: settings.previewSize,
      progress: (value, max, preview) => this.#step(base, progress, value, max, preview),
      say: (text) => sockets.publishRaw(frames.text(base.id, text), null),
      work: (ms) => (ms > 0 ? sleep(ms, undefined, { signal }) : turn(undefined, { signal })),
    };
  }

  /** Newer versions let each prompt choose; what they do not know they ignore. */
  #wantsPreviews({ preview_method }: Record<string, unknown>): boolean {
    const { previews, version } = this.options.settings;
    if (version === '0.3.64' || !PREVIEW_METHODS.has(preview_method)) return previews;
    return preview_method !== 'none';
  }

  async #step(base: NodeBase, progress: Progress, value: number, max: number, preview?: Preview): Promise<void> {
    const { sockets } = this.options;
    const { id, promptId, classType } = base;
    await this.pass('step', { promptId, node: id, classType, step: value });
    this.throwIfInterrupted();
    const image = preview && (await encode(preview));
    progress.update(id, value, max);
    const client = this.clientId;
    // With metadata the preview comes before `progress`, without after it.
    const knows = sockets.knowsPreviewMetadata(client);
    if (image && knows) {
      const { parent_node_id, real_node_id, display_node_id } = progress.of(id);
      const ids = { node_id: id, prompt_id: promptId, display_node_id, parent_node_id, real_node_id };
      const type = image.format === 'PNG' ? 'image/png' : 'image/jpeg';
      const bytes = frames.previewWithMetadata(image.bytes, { ...ids, image_type: type });
      sockets.publishRaw(bytes, client, promptId);
    }
    this.tell({ type: 'progress', data: { value, max, prompt_id: promptId, node: id } }, true);
    if (image && !knows) sockets.publishRaw(frames.preview(image.bytes, image.format), client, promptId);
  }
}

async function encode(preview: Preview): Promise<{ format: 'JPEG' | 'PNG'; bytes: Buffer }> {
  if ('png' in preview) return { format: 'PNG', bytes: await open(preview.png).png().toBuffer() };
  return { format: 'JPEG', bytes: await open(preview).jpeg({ quality: PREVIEW_QUALITY }).toBuffer() };
}
