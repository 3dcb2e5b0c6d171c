/** Encodes binary WebSocket frames: the event as a big-endian uint32, then its payload. */
import { BinaryEvent, ImageFormat, type PreviewMetadata } from '../../comfyui/protocol/protocol.js';
import { writeJson } from '../python/json.js';

/** An image without prompt and node. */
export function preview(image: Buffer, format: keyof typeof ImageFormat): Buffer {
  return frame(BinaryEvent.PREVIEW_IMAGE, uint32(ImageFormat[format]), image);
}

export function previewWithMetadata(image: Buffer, metadata: PreviewMetadata): Buffer {
  const json = Buffer.from(writeJson(metadata));
  return frame(BinaryEvent.PREVIEW_IMAGE_WITH_METADATA, uint32(json.length), json, image);
}

export function text(node: string, words: string): Buffer {
  const id = Buffer.from(node);
  return frame(BinaryEvent.TEXT, uint32(id.length), id, Buffer.from(words));
}

function frame(event: number, ...parts: Buffer[]): Buffer {
  return Buffer.concat([uint32(event), ...parts]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
