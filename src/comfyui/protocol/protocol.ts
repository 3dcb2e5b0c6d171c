/**
 * The wire format of a ComfyUI server, as types only: requests and responses of its routes, and messages of its WebSocket. Shared by
 * client and simulator. Source: ComfyUI 0.3.64 (server.py, execution.py, protocol.py) and recordings of 0.3.64, 0.8.0 and 0.33.0.
 */

/** The id of a node in a graph. The id of an expanded node is `parent.callIndex.graphIndex.n`. */
export type NodeId = string;

/** A link to another node's output: its id and the slot. */
export type Link = [nodeId: NodeId, slot: number];

export type GraphNode = {
  class_type: string;
  inputs: Record<string, unknown>;
  /** Ignored by ComfyUI. `models`: where the author says that files of the node can be had. */
  _meta?: { title?: string; models?: readonly { name: string; url: string }[] };
};

/** A prompt in ComfyUI's API format: node id → node. */
export type Graph = Record<NodeId, GraphNode>;

/** Body of `POST /prompt`. `prompt_id` must be a lowercase hyphenated UUID (newer versions refuse anything else). */
export type PromptRequest = {
  prompt: Graph;
  prompt_id?: string;
  client_id?: string;
  extra_data?: Record<string, unknown>;
  number?: number;
  front?: boolean;
  partial_execution_targets?: NodeId[];
};

/** Status 200 of `POST /prompt`. If `node_errors` is not empty, some outputs were dropped. */
export type PromptAccepted = { prompt_id: string; number: number; node_errors: NodeErrors };

/** Status 400 of `POST /prompt`. */
export type PromptRefused = { error: ValidationError; node_errors: NodeErrors };

export type ValidationError = { type: string; message: string; details: string; extra_info: Record<string, unknown> };

export type NodeErrors = Record<NodeId, { errors: ValidationError[]; dependent_outputs: NodeId[]; class_type: string }>;

/** An entry of `GET /queue`: number, prompt id, graph, extra data, ids of the output nodes to run. */
export type QueueItem = [
  number: number,
  promptId: string,
  prompt: Graph,
  extraData: Record<string, unknown>,
  outputsToExecute: NodeId[],
];

/** `queue_pending` is in heap order: only the first entry is certain to be the next. */
export type Queue = { queue_running: QueueItem[]; queue_pending: QueueItem[] };

export type FileType = 'output' | 'temp' | 'input';

/** A file that `GET /view` serves. */
export type FileItem = { filename: string; subfolder: string; type: FileType };

/** The output of a node: key (`images`, `text`, …) → items, mostly FileItems. Custom nodes use their own keys. */
export type NodeOutput = Record<string, unknown[]>;

export type StatusMessage =
  | ['execution_start', { prompt_id: string; timestamp: number }]
  | ['execution_cached', { nodes: NodeId[]; prompt_id: string; timestamp: number }]
  | ['execution_success', { prompt_id: string; timestamp: number }]
  | ['execution_error', ExecutionError]
  | ['execution_interrupted', ExecutionInterrupted];

/** An entry of `GET /history/{prompt_id}`. It exists only after the prompt has ended. */
export type HistoryEntry = {
  prompt: QueueItem;
  outputs: Record<NodeId, NodeOutput>;
  /** An interrupted prompt has the status `error`, is not completed, and its last message is `execution_interrupted`. */
  status: { status_str: 'success' | 'error'; completed: boolean; messages: StatusMessage[] };
  meta?: Record<NodeId, { node_id: NodeId; display_node: NodeId; parent_node: NodeId | null; real_node_id: NodeId }>;
};

export type ExecutionError = {
  prompt_id: string;
  node_id: NodeId;
  node_type: string;
  executed: NodeId[];
  /** Ends with a newline; may contain server paths. */
  exception_message: string;
  /** A Python name such as `ValueError` or `torch.OutOfMemoryError`. `ExecutionBlocked` does not end the prompt. */
  exception_type: string;
  traceback: string[];
  current_inputs?: Record<string, unknown>;
  current_outputs?: NodeId[];
  timestamp?: number;
};

export type ExecutionInterrupted = {
  prompt_id: string;
  node_id: NodeId;
  node_type: string;
  executed: NodeId[];
  timestamp: number;
};

export type NodeProgress = {
  value: number;
  max: number;
  state: 'pending' | 'running' | 'finished' | 'error';
  node_id: NodeId;
  prompt_id: string;
  display_node_id: NodeId;
  parent_node_id: NodeId | null;
  real_node_id: NodeId;
};

/** The known text messages of the WebSocket. Readers skip other types. */
export type SocketMessage =
  /** Only the first `status` of a socket has `sid`. */
  | { type: 'status'; data: { status: { exec_info: { queue_remaining: number } }; sid?: string } }
  | { type: 'feature_flags'; data: Features }
  | { type: 'execution_start'; data: { prompt_id: string; timestamp: number } }
  | { type: 'execution_cached'; data: { nodes: NodeId[]; prompt_id: string; timestamp: number } }
  | { type: 'progress_state'; data: { prompt_id: string; nodes: Record<NodeId, NodeProgress> } }
  /** A null `node` is the last message of a prompt. After a reconnect `prompt_id` and `display_node` are missing. */
  | { type: 'executing'; data: { node: NodeId | null; display_node?: NodeId; prompt_id?: string } }
  | { type: 'progress'; data: { value: number; max: number; prompt_id: string; node: NodeId } }
  | { type: 'executed'; data: { node: NodeId; display_node: NodeId; output: NodeOutput | null; prompt_id: string } }
  | { type: 'execution_success'; data: { prompt_id: string; timestamp: number } }
  | { type: 'execution_error'; data: ExecutionError }
  | { type: 'execution_interrupted'; data: ExecutionInterrupted };

/** The first four bytes of a binary frame, a big-endian uint32. */
export const BinaryEvent = {
  /** uint32 format (1 JPEG, 2 PNG), then the image. Names no prompt: it belongs to the prompt that was named last. */
  PREVIEW_IMAGE: 1,
  /** uint32 length, node id, text. Sent to every socket. */
  TEXT: 3,
  /** uint32 length, JSON (PreviewMetadata), image. Replaces 1 for a socket that sent `supports_preview_metadata: true`. */
  PREVIEW_IMAGE_WITH_METADATA: 4,
} as const;

export const ImageFormat = { JPEG: 1, PNG: 2 } as const;

export type PreviewMetadata = {
  node_id: NodeId;
  prompt_id: string;
  display_node_id: NodeId;
  parent_node_id: NodeId | null;
  real_node_id: NodeId;
  image_type: 'image/jpeg' | 'image/png';
};

/** `GET /features`, and the `feature_flags` message. Newer versions add more. */
export type Features = { supports_preview_metadata?: boolean; max_upload_size?: number; [flag: string]: unknown };

export type Device = {
  name: string;
  type: string;
  index: number | null;
  vram_total: number;
  vram_free: number;
  torch_vram_total: number;
  torch_vram_free: number;
};

/** `GET /system_stats`; memory is in bytes. */
export type SystemStats = {
  system: { os: string; ram_total: number; ram_free: number; comfyui_version: string; [key: string]: unknown };
  devices: Device[];
};

/**
 * An input of a node in `GET /object_info`: `[type]` or `[type, options]`. A choice comes in two forms: `[["a", "b"], options]`
 * and `["COMBO", { options: ["a", "b"] }]`.
 */
export type InputSpec = [type: string | unknown[], options?: Record<string, unknown>];

export type NodeInfo = {
  input: {
    required?: Record<string, InputSpec>;
    optional?: Record<string, InputSpec>;
    hidden?: Record<string, unknown>;
  };
  input_order?: Record<string, string[]>;
  output: (string | unknown[])[];
  output_is_list?: boolean[];
  output_name?: string[];
  name: string;
  display_name?: string | null;
  description?: string;
  python_module?: string;
  category?: string;
  output_node: boolean;
  [key: string]: unknown;
};

/** `GET /object_info`: class name → its description. */
export type ObjectInfo = Record<string, NodeInfo>;

/** Response of `POST /upload/image`: the name of the stored file, which may differ from the requested one. */
export type Uploaded = { name: string; subfolder: string; type: FileType };

/** Body of `POST /free`. Takes effect after the running prompt. */
export type FreeRequest = { unload_models?: boolean; free_memory?: boolean };
