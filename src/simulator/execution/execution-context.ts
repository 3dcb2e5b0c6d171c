/**
 * The state of the prompt that runs: its submitter, the current node and the interrupt flag. Publishes its messages, steps
 * and previews.
 */
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import type { NodeId, SocketMessage } from '../../comfyui/protocol/protocol.js';
import type { Faults, Point, PointDetails } from '../faults/faults.js';
import type { ModelCatalog } from '../nodes/model-catalog.js';
import type { Files, NodeRun, Preview } from '../nodes/node.js';
import type { Settings } from '../options.js';
import { toSharp } from '../pictures/bitmap.js';
import { PythonError } from '../python/python.js';
import * as frames from '../server/frames.js';
import type { Sockets } from '../server/sockets.js';
import { Interrupted, WorkerDeath } from './execution-error.js';
import type { NodeBase } from './executor.js';
import type { Progress } from './progress.js';

const PREVIEW_QUALITY = 95;

type ExecutionContextOptions = {
  settings: Settings;
  faults: Faults;
  sockets: Sockets;
  files: Files;
  catalog: ModelCatalog;
  /** Aborts when the instance stops. */
  signal: AbortSignal;
};

const PREVIEW_METHODS = new Set<unknown>(['none', 'auto', 'latent2rgb', 'taesd']);

export class ExecutionContext {
  /** The client that gets the prompt's messages, until the next prompt starts. */
  clientId: string | null = null;
  /** The running node's id in the submitted graph. */
  node: NodeId | null = null;
  interrupted = false;

  constructor(private readonly options: ExecutionContextOptions) {}

  /** Sends to the submitter. Without a submitter, sends to all clients if `toAll`, else to none. */
  publish(message: SocketMessage, toAll = false): void {
    if (this.clientId !== null || toAll) this.options.sockets.publish(message, this.clientId);
  }

  /** Waits while execution is held, then triggers the faults of this point. Throws what they raise. */
  async reachPoint(point: Point, details: PointDetails): Promise<void> {
    const { faults, signal } = this.options;
    if (point !== 'start') await faults.gate.pass(signal);
    for (const action of await faults.trigger(point, details, signal)) {
      if (action.do === 'die') throw new WorkerDeath('The simulator was told to die here');
      if (action.do !== 'fail') continue;
      const { type = 'RuntimeError', message = 'The simulator was told to fail here' } = action;
      throw new PythonError(type, message);
    }
    signal.throwIfAborted();
  }

  /** ComfyUI checks the flag before each node and in each step. */
  throwIfInterrupted(): void {
    if (!this.interrupted) return;
    this.interrupted = false;
    throw new Interrupted();
  }

  async enterNode(at: { promptId: string; node: NodeId; classType: string }): Promise<void> {
    await this.reachPoint('node', at);
    this.throwIfInterrupted();
  }

  /** Adds the server's services to what the executor knows of a node. */
  toNodeRun(base: NodeBase, progress: Progress): NodeRun {
    const { settings, sockets, files, catalog, signal } = this.options;
    return {
      ...base,
      files,
      catalog,
      signal,
      stepMs: settings.stepMs,
      hasPreviewViewer: () => this.#wantsPreviews(base.extraData) && sockets.hasClient(this.clientId),
      previewPx: settings.previewSize,
      progress: (value, max, preview) => this.#step(base, progress, value, max, preview),
      sendText: (text) => sockets.publishRaw(frames.text(base.id, text), null),
      simulateWork: (ms) => (ms > 0 ? sleep(ms, undefined, { signal }) : turn(undefined, { signal })),
    };
  }

  /** Newer versions let each prompt choose and ignore unknown values. */
  #wantsPreviews({ preview_method }: Record<string, unknown>): boolean {
    const { previews, version } = this.options.settings;
    if (version === '0.3.64' || !PREVIEW_METHODS.has(preview_method)) return previews;
    return preview_method !== 'none';
  }

  async #step(base: NodeBase, progress: Progress, value: number, max: number, preview?: Preview): Promise<void> {
    const { sockets } = this.options;
    const { id, promptId, classType } = base;
    await this.reachPoint('step', { promptId, node: id, classType, step: value });
    this.throwIfInterrupted();
    const image = preview && (await encode(preview));
    progress.update(id, value, max);
    const client = this.clientId;
    // ComfyUI sends a preview with metadata before `progress`, one without after it.
    const hasMetadata = sockets.supportsPreviewMetadata(client);
    if (image && hasMetadata) {
      const { parent_node_id, real_node_id, display_node_id } = progress.of(id);
      const ids = { node_id: id, prompt_id: promptId, display_node_id, parent_node_id, real_node_id };
      const type = image.format === 'PNG' ? 'image/png' : 'image/jpeg';
      const bytes = frames.previewWithMetadata(image.bytes, { ...ids, image_type: type });
      sockets.publishRaw(bytes, client, promptId);
    }
    this.publish({ type: 'progress', data: { value, max, prompt_id: promptId, node: id } }, true);
    if (image && !hasMetadata) sockets.publishRaw(frames.preview(image.bytes, image.format), client, promptId);
  }
}

async function encode(preview: Preview): Promise<{ format: 'JPEG' | 'PNG'; bytes: Buffer }> {
  if ('png' in preview) return { format: 'PNG', bytes: await toSharp(preview.png).png().toBuffer() };
  return { format: 'JPEG', bytes: await toSharp(preview).jpeg({ quality: PREVIEW_QUALITY }).toBuffer() };
}
