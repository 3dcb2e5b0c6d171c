/** A client library for ComfyUI servers. It imports nothing else of this project. */

export { ComfyUI, type ComfyUIOptions } from './client.js';
export {
  ComfyUIError,
  PromptLostError,
  PromptRefusedError,
  RequestRefusedError,
  SubmitFailedError,
  UnreachableError,
  UnsupportedError,
} from './protocol/errors.js';
export { classifyError, type ErrorKind } from './protocol/exceptions.js';
export { knownFileKind } from './protocol/file-inputs.js';
export { checkGraph } from './protocol/graph/check-graph.js';
export { GRAPH_LIMITS, type GraphLimits } from './protocol/graph/limits.js';
export { executedNodes, looksLikeLink, ringIn, unwrapped } from './protocol/graph/links.js';
export type { MissingName, Problem, ProblemKind } from './protocol/graph/problem.js';
export { parseMessage, promptIdOf } from './protocol/message.js';
export {
  canonicalFolder,
  folderOfKind,
  kindOfFolder,
  knownFolder,
  type ModelKind,
} from './protocol/model-files/folders.js';
export {
  fileIn,
  fileKeyOf,
  folderOf,
  isFile,
  loadedFiles,
  type ModelFile,
  modelFiles,
} from './protocol/model-files/model-files.js';
export { type Folders, nameFolders } from './protocol/model-files/name-folders.js';
export { filesOf, type Outcome, outcomeOf } from './protocol/outcome.js';
export { type ImageType, type Preview, type PreviewFrame, parseFrame } from './protocol/preview.js';
export * from './protocol/protocol.js';
export {
  type ClassRules,
  constantsOf,
  declaredBy,
  declaredWithDefaults,
  everyRule,
  type FileKind,
  type FindRules,
  type InputRule,
  meets,
  type NodeRules,
  type Requirement,
  type Rules,
  requirementOf,
  ruleOf,
  spelled,
  unmetBy,
  withDefaults,
  withSlashes,
} from './protocol/rules.js';
export { REQUIREMENT, unsupported } from './protocol/support.js';
export type { Plan, PlannedNode } from './run/plan.js';
export { initialProgress, type PromptProgress, reduce, type StoredProgress } from './run/progress.js';
export type { RunEvent, RunOptions } from './run/prompt-follower.js';
export type { SubmitRequest } from './run/submit.js';
export { addressOf } from './transport/address.js';
export type { FileResponse } from './transport/http/http.js';
export type { Upload } from './transport/http/upload.js';
export type { Logger } from './transport/logger.js';
export { COMFYUI_TIMINGS, type ComfyUITimings } from './transport/timings.js';
