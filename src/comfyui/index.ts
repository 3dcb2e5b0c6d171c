/** A client for ComfyUI servers. It knows ComfyUI and nothing else: no users, no database, no jobs. */
export { addressOf } from './address.js';
export {
  isLoadedFile,
  loadedFiles,
  type ModelFile,
  type ModelKind,
  modelFiles,
} from './catalogue.js';
export { checkGraph, type GraphFault } from './check.js';
export { ComfyUI, type ComfyUIOptions } from './client.js';
export {
  ComfyUIError,
  PromptLostError,
  PromptRefusedError,
  RequestRefusedError,
  SubmitFailedError,
  UnreachableError,
  UnsupportedError,
} from './errors.js';
export { classifyError, type ErrorKind } from './exceptions.js';
export type { RunEvent, RunOptions } from './following.js';
export type { Logger } from './logger.js';
export { parseMessage, promptIdOf } from './message.js';
export { filesOf, type Outcome, outcomeOf } from './outcome.js';
export type { Plan, PlannedNode } from './plan.js';
export { type ImageType, type Preview, type PreviewFrame, parseFrame } from './preview.js';
export { initialProgress, type PromptProgress, reduce, type StoredProgress } from './progress.js';
export * from './protocol.js';
export {
  type ClassRules,
  meets,
  type Requirement,
  type Rules,
  ruleOf,
  spelled,
  unmetBy,
  withSlashes,
} from './rules.js';
export type { SubmitRequest } from './submit.js';
export { REQUIREMENT, unsupported } from './support.js';
export { COMFYUI_TIMINGS, type ComfyUITimings } from './timings.js';
export type { Upload } from './upload.js';
