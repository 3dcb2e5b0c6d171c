/** Which files an input takes. */
import type { FileType } from '../inputs/form-input';
import type { FileValue } from '../inputs/values';

export type FileKind = FileValue['kind'];

/** The types that the API takes. A phone converts its pictures to one of them. */
const TYPES: Record<FileKind, string[]> = {
  IMAGE: ['image/png', 'image/jpeg', 'image/webp', 'image/gif'],
  VIDEO: ['video/mp4', 'video/webm'],
  AUDIO: ['audio/wav', 'audio/mpeg', 'audio/flac', 'audio/ogg'],
  FILE: ['application/json'],
};

/** AUDIO also takes a video, for its sound. */
const KINDS: Record<FileType, FileKind[]> = {
  IMAGE: ['IMAGE'],
  MASK: ['IMAGE'],
  VIDEO: ['VIDEO'],
  AUDIO: ['AUDIO', 'VIDEO'],
  FILE: ['IMAGE', 'VIDEO', 'AUDIO', 'FILE'],
};

export const acceptOf = (type: FileType): string => KINDS[type].flatMap((kind) => TYPES[kind]).join();

export const takes = (type: FileType, kind: FileKind): boolean => KINDS[type].includes(kind);

export function kindOf(contentType: string): FileKind {
  const [kind = ''] = contentType.toUpperCase().split('/');
  return (['IMAGE', 'VIDEO', 'AUDIO'] as const).find((each) => each === kind) ?? 'FILE';
}

/** Browsers know no type for some files. */
export const contentTypeOf = ({ type, name }: File): string =>
  type || (name.toLowerCase().endsWith('.json') ? 'application/json' : '');

export const isSupported = (file: File): boolean =>
  TYPES[kindOf(contentTypeOf(file))].includes(contentTypeOf(file)) || kindOf(contentTypeOf(file)) === 'AUDIO';
