/**
 * Computes the progress of a prompt from the socket's messages. Pure functions on readonly data that can be stored as JSON.
 *
 * Messages may be lost, repeated or out of order. So each node keeps its highest value, and the fraction never falls.
 */
import { own } from '../protocol/json/json.js';
import { promptIdOf } from '../protocol/message.js';
import type { Graph, NodeId, NodeProgress, SocketMessage } from '../protocol/protocol.js';
import { type Plan, planOf } from './plan.js';

/** The fraction is 1 only when ComfyUI's history has the prompt. */
const HIGHEST_FRACTION = 0.999;
/** A node may still have work to do after its last step: its share is 1 only when it is `finished`. */
const HIGHEST_RUNNING = 0.99;
/** A progress bar longer than this does not count steps. */
const MAX_STEPS = 1_000_000;

export type PromptProgress = {
  /** From 0 to 0.999. Never falls. */
  readonly fraction: number;
  readonly nodesDone: number;
  /** The nodes of the submitted graph without those that ComfyUI had in its cache. */
  readonly nodesTotal: number;
  /** The title of the running node, else its class. */
  readonly node?: string;
  /** The running node. An expanded node counts as the node of the submitted graph that it came from. */
  readonly nodeId?: NodeId;
  /** The step of the running node, if it counts steps. Always together with `totalSteps`. */
  readonly step?: number;
  readonly totalSteps?: number;

  // The state that `reduce` needs for the next message.
  /** Messages of other prompts are ignored. If undefined, all messages count. */
  readonly promptId?: string;
  /** Derived from the graph, so it is not stored. */
  readonly plan: Plan;
  readonly cached: readonly NodeId[];
  /** The progress of each node, from 0 to 1 (finished). */
  readonly shares: Readonly<Record<NodeId, number>>;
  /** The same for expanded nodes, by the node of the submitted graph. */
  readonly inner: Readonly<Record<NodeId, Readonly<Record<NodeId, number>>>>;
  /** The id of the running node in ComfyUI's messages; it may be an expanded node. */
  readonly at?: NodeId;
  /** Whether this ComfyUI sends `progress_state`. Older versions do not: there the start of a node is the end of the previous one. */
  readonly detailed: boolean;
};

/** The part of the progress to store, so that another process can resume from it. */
export type StoredProgress = Omit<PromptProgress, 'plan' | 'nodesDone' | 'nodesTotal' | 'node' | 'promptId'>;

type Changes = { -readonly [Key in keyof PromptProgress]?: PromptProgress[Key] | undefined };

/**
 * The progress of a prompt that has not begun, or the stored progress: the fraction never falls below it.
 * @param promptId the prompt whose messages count; if undefined, those of every prompt count
 */
export function initialProgress(graph: Graph, stored?: StoredProgress, promptId?: string): PromptProgress {
  const plan = planOf(graph);
  const start: PromptProgress = {
    fraction: 0,
    nodesDone: 0,
    nodesTotal: Object.keys(plan).length,
    plan,
    cached: [],
    shares: {},
    inner: {},
    detailed: false,
    ...(promptId !== undefined && { promptId }),
  };
  if (!stored) return start;
  const { fraction, cached, shares, inner, detailed, at, nodeId, step, totalSteps } = stored;
  const floor = Math.min(HIGHEST_FRACTION, Math.max(0, fraction));
  return measured({ ...start, fraction: floor }, { cached, shares, inner, detailed, at, nodeId, step, totalSteps });
}

/** Returns the progress after a message, or the same object if the message changes nothing. Never throws. */
export function reduce(progress: PromptProgress, message: SocketMessage): PromptProgress {
  const promptId = promptIdOf(message);
  if (promptId === undefined || (progress.promptId !== undefined && promptId !== progress.promptId)) return progress;
  switch (message.type) {
    case 'execution_cached':
      return skip(progress, message.data.nodes);
    case 'progress_state':
      return survey(progress, Object.values(message.data.nodes));
    case 'executing':
      return message.data.node === null ? progress : start(progress, message.data.node, message.data.display_node);
    case 'progress':
      return advance(progress, message.data);
    case 'executed':
      return measured(progress, reached(progress, message.data.node, message.data.display_node, 1));
    default:
      return progress;
  }
}

function skip(progress: PromptProgress, nodes: NodeId[]): PromptProgress {
  const cached = new Set([...progress.cached, ...nodes.filter((id) => Object.hasOwn(progress.plan, id))]);
  return cached.size === progress.cached.length ? progress : measured(progress, { cached: [...cached] });
}

function survey(progress: PromptProgress, nodes: NodeProgress[]): PromptProgress {
  let next: PromptProgress = progress;
  for (const node of nodes) {
    const share = node.state === 'finished' ? 1 : runningShare(node.value, node.max);
    next = merged(next, reached(next, node.node_id, node.display_node_id, share));
  }
  const running = nodes.filter((node) => node.state === 'running');
  // Nodes may run in parallel: keep the current one if it still runs, else prefer one that counts steps.
  const shown =
    running.find((node) => node.node_id === progress.at) ?? running.find((node) => node.max > 1) ?? running.at(-1);
  const work = shown && atWork(next, shown.node_id, shown.display_node_id, shown.value, shown.max);
  return measured(merged(next, work), progress.detailed ? undefined : { detailed: true }, progress);
}

function start(progress: PromptProgress, node: NodeId, display: NodeId | undefined): PromptProgress {
  if (node === progress.at) return progress;
  const before = progress.at;
  const ended = progress.detailed || before === undefined ? undefined : reached(progress, before, progress.nodeId, 1);
  return measured(merged(progress, ended), atWork(progress, node, display), progress);
}

function advance(
  progress: PromptProgress,
  { node, value, max }: { node: NodeId; value: number; max: number },
): PromptProgress {
  const next = merged(progress, reached(progress, node, undefined, runningShare(value, max)));
  return measured(next, atWork(progress, node, undefined, value, max), progress);
}

/** The change when a node reaches this share; undefined if it is already known, or the node is not in the graph. */
function reached(
  progress: PromptProgress,
  id: NodeId,
  display: NodeId | undefined,
  share: number,
): Changes | undefined {
  const nodeId = graphNodeOf(progress.plan, id, display);
  if (nodeId === undefined) return undefined;
  if (nodeId === id) {
    if ((own(progress.shares, id) ?? -1) >= share) return undefined;
    return { shares: { ...progress.shares, [id]: share } };
  }
  const inner = own(progress.inner, nodeId) ?? {};
  if ((own(inner, id) ?? -1) >= share) return undefined;
  return { inner: { ...progress.inner, [nodeId]: { ...inner, [id]: share } } };
}

function atWork(progress: PromptProgress, id: NodeId, display?: NodeId, value = 0, max = 0): Changes | undefined {
  const nodeId = graphNodeOf(progress.plan, id, display);
  if (nodeId === undefined) return undefined;
  const countsSteps = max > 1 && max <= MAX_STEPS;
  if (!countsSteps) return id === progress.at ? undefined : { at: id, nodeId, step: undefined, totalSteps: undefined };
  const totalSteps = Math.round(max);
  const isSame = id === progress.at && totalSteps === progress.totalSteps;
  const step = Math.max(isSame ? (progress.step ?? 0) : 0, Math.min(totalSteps, Math.round(value)));
  return isSame && step === progress.step ? undefined : { at: id, nodeId, step, totalSteps };
}

/** The node of the submitted graph that a node in a message belongs to. */
function graphNodeOf(plan: Plan, id: NodeId, display: NodeId | undefined): NodeId | undefined {
  const root = id.split('.', 1)[0] ?? id;
  return [id, display ?? id, root].find((candidate) => Object.hasOwn(plan, candidate));
}

const runningShare = (value: number, max: number): number =>
  max > 0 ? Math.min(HIGHEST_RUNNING, Math.max(0, value / max)) : 0;

function merged(progress: PromptProgress, changes: Changes | undefined): PromptProgress {
  if (!changes) return progress;
  const entries = Object.entries({ ...progress, ...changes }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as PromptProgress;
}

/** Applies the changes and recomputes the derived values. Returns `before` itself if nothing changed. */
function measured(progress: PromptProgress, changes?: Changes, before = progress): PromptProgress {
  const next = merged(progress, changes);
  if (next === before) return before;
  const cached = new Set(next.cached);
  const counted = Object.keys(next.plan).filter((id) => !cached.has(id));
  let whole = 0;
  let done = 0;
  let nodesDone = 0;
  for (const id of counted) {
    const weight = next.plan[id]?.weight ?? 1;
    const share = shareOf(next, id);
    whole += weight;
    done += weight * share;
    if (share === 1) nodesDone += 1;
  }
  const fraction = Math.max(progress.fraction, Math.min(HIGHEST_FRACTION, whole > 0 ? done / whole : 0));
  const node = next.nodeId === undefined ? undefined : own(next.plan, next.nodeId)?.title;
  return merged(next, { fraction, nodesDone, nodesTotal: counted.length, node });
}

/** The share of an expanding node is the average of its expanded nodes and itself. */
function shareOf(progress: PromptProgress, id: NodeId): number {
  const share = own(progress.shares, id) ?? 0;
  const inner = Object.values(own(progress.inner, id) ?? {});
  if (share === 1 || inner.length === 0) return share;
  return Math.max(share, inner.reduce((sum, each) => sum + each, 0) / (inner.length + 1));
}
