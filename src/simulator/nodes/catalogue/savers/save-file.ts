/** Saves one file. */
import type { FileItem, FileType } from '../../../../comfyui/protocol/protocol.js';
import type { NodeRun } from '../../node.js';

type SaveFile = {
  prefix: unknown;
  extension: string;
  bytes: Uint8Array;
  type?: FileType;
  size?: { width: number; height: number };
  /** Whether no underscore follows the counter. */
  isBare?: boolean;
};

export const saveFile = (
  { files }: NodeRun,
  { prefix, bytes, type = 'output', size: { width, height } = { width: 0, height: 0 }, ...rest }: SaveFile,
): Promise<FileItem[]> =>
  files.save({ type, prefix: String(prefix), size: { width, height }, files: [bytes], isBare: false, ...rest });
