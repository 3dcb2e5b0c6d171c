/** Parses the binary frames of ComfyUI's socket. Only previews are used. */
import { isObject, isString, parseJson, toText } from './json/json.js';
import { BinaryEvent, type NodeId } from './protocol.js';

const EVENT_BYTES = 4;
const LENGTH_BYTES = 4;

export type ImageType = 'image/jpeg' | 'image/png';

/** An intermediate image of a running prompt; ComfyUI sends one for each step. */
export type Preview = {
  type: 'preview';
  promptId: string;
  /** The node of the submitted graph, if the frame names one. */
  nodeId?: NodeId;
  image: Uint8Array;
  contentType: ImageType;
};

/** A preview as its frame has it: frames of type 1 do not name the prompt. */
export type PreviewFrame = Omit<Preview, 'promptId' | 'type'> & { promptId?: string };

/**
 * Returns undefined if the frame is of another type, is truncated, or its image is neither JPEG nor PNG by its first bytes. The image is a
 * view of the frame's memory. Layout: BinaryEvent in protocol.ts.
 */
export function parseFrame(frame: Uint8Array): PreviewFrame | undefined {
  if (frame.length < EVENT_BYTES + LENGTH_BYTES) return undefined;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const event = view.getUint32(0);
  const rest = frame.subarray(EVENT_BYTES + LENGTH_BYTES);
  if (event === BinaryEvent.PREVIEW_IMAGE) return withType(rest);
  if (event !== BinaryEvent.PREVIEW_IMAGE_WITH_METADATA) return undefined;

  const length = view.getUint32(EVENT_BYTES);
  if (length > rest.length) return undefined;
  const metadata = parseJson(new TextDecoder().decode(rest.subarray(0, length)));
  if (!isObject(metadata) || !isString(metadata.prompt_id)) return undefined;
  const preview = withType(rest.subarray(length));
  const nodeId = toText(metadata.display_node_id) || toText(metadata.node_id);
  return preview && { ...preview, promptId: metadata.prompt_id, ...(nodeId && { nodeId }) };
}

function withType(image: Uint8Array): PreviewFrame | undefined {
  if (image[0] === 0xff && image[1] === 0xd8) return { image, contentType: 'image/jpeg' };
  if (image[0] === 0x89 && image[1] === 0x50) return { image, contentType: 'image/png' };
  return undefined;
}
