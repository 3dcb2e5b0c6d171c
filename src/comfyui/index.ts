/** A client library for ComfyUI servers. It imports nothing else of this project. */

export { ComfyUI, type ComfyUIOptions } from './client.js';
export {
  isLoadedFile,
  loadedFiles,
  type ModelFile,
  type ModelKind,
  modelFiles,
} from './protocol/catalogue.js';
export { checkGraph, type GraphFault } from './protocol/check-graph.js';
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
export { parseMessage, promptIdOf } from './protocol/message.js';
export { filesOf, type Outcome, outcomeOf } from './protocol/outcome.js';
export { type ImageType, type Preview, type PreviewFrame, parseFrame } from './protocol/preview.js';
export * from './protocol/protocol.js';
export {
  type ClassRules,
  constantsOf,
  declaredBy,
  everyRule,
  meets,
  type Requirement,
  type Rules,
  requirementOf,
  spelled,
  unmetBy,
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
