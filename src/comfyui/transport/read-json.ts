/** Reads the JSON of one response as it arrives, within a bound of memory. */
import { StringDecoder } from 'node:string_decoder';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { UnreachableError } from '../protocol/errors.js';
import { JsonStream, type Picker } from '../protocol/json-stream.js';
import { JsonSyntaxError } from '../protocol/json-tokens.js';

/** Of what is kept, and of what arrives without a complete value. A response may be longer: a queue holds the graphs of all prompts. */
export const MAX_JSON_BYTES = 64 * 1024 * 1024;

/** How much is read before the event loop may do something else: some milliseconds of work. */
const BYTES_PER_TURN = 128 * 1024;

/** The value; undefined where it is not JSON. @throws UnreachableError past the bound */
export async function readJson(body: AsyncIterable<Buffer>, what: string, picker?: Picker): Promise<unknown> {
  const decoder = new StringDecoder('utf8');
  const json = new JsonStream(picker);
  let values = 0;
  let bytes = 0;
  let sinceTurn = 0;
  try {
    for await (const chunk of body) {
      json.write(decoder.write(chunk));
      // Chunks that have arrived already would otherwise be read in one go.
      sinceTurn += chunk.length;
      if (sinceTurn >= BYTES_PER_TURN) {
        sinceTurn = 0;
        await nextTurn();
      }
      bytes = json.values > values ? 0 : bytes + chunk.length;
      values = json.values;
      if (Math.max(bytes, json.kept) > MAX_JSON_BYTES)
        throw new UnreachableError(`${what} was answered with more than ${MAX_JSON_BYTES} bytes`);
    }
    json.write(decoder.end());
    return json.end();
  } catch (error) {
    if (error instanceof JsonSyntaxError) return undefined;
    throw error;
  }
}
