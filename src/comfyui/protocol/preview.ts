/** Reads the binary frames of ComfyUI's socket. Only previews are of use; whose they are is for the connection to judge. */
import { isObject, isString, parseJson, toText } from './json.js';
import { BinaryEvent, type NodeId } from './protocol.js';

const EVENT_BYTES = 4;
const LENGTH_BYTES = 4;

export type ImageType = 'image/jpeg' | 'image/png';

/** An image of a prompt at work, as ComfyUI sends it for each step. */
export type Preview = {
  type: 'preview';
  promptId: string;
  /** The node of the submitted graph, where the frame names one. */
  nodeId?: NodeId;
  image: Uint8Array;
  contentType: ImageType;
};

/** A preview that may lack its prompt: frames of type 1 do not name it. */
export type PreviewFrame = Omit<Preview, 'promptId' | 'type'> & { promptId?: string };

/**
 * The preview in a frame; undefined for frames of other types, cut ones and images that are neither JPEG nor PNG by their
 * first bytes. The image is a view of the frame's memory. Layout: BinaryEvent in protocol.ts.
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
