/** Parses the JSON of one response as it arrives, in bounded memory. */
import { StringDecoder } from 'node:string_decoder';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { UnreachableError } from '../../protocol/errors.js';
import { JsonStream, type Picker } from '../../protocol/json/json-stream.js';
import { JsonSyntaxError } from '../../protocol/json/json-tokens.js';

/** Limits the kept values, and any single value. A response may be longer: a queue holds the graphs of all prompts. */
const MAX_JSON_BYTES = 64 * 1024 * 1024;

/** How much is parsed before the event loop gets a turn: some milliseconds of work. */
const BYTES_PER_TURN = 128 * 1024;

/** Returns undefined if the body is not JSON. @throws UnreachableError above MAX_JSON_BYTES */
export async function readJson(body: AsyncIterable<Buffer>, what: string, picker?: Picker): Promise<unknown> {
  const decoder = new StringDecoder('utf8');
  const json = new JsonStream(picker);
  let values = 0;
  let bytes = 0;
  let sinceTurn = 0;
  try {
    for await (const chunk of body) {
      json.write(decoder.write(chunk));
      // Chunks that have already arrived would otherwise be parsed in one turn.
      sinceTurn += chunk.length;
      if (sinceTurn >= BYTES_PER_TURN) {
        sinceTurn = 0;
        await nextTurn();
      }
      bytes = json.values > values ? 0 : bytes + chunk.length;
      values = json.values;
      if (Math.max(bytes, json.kept) > MAX_JSON_BYTES)
        throw new UnreachableError(`${what} returned more than ${MAX_JSON_BYTES} bytes`);
    }
    json.write(decoder.end());
    return json.end();
  } catch (error) {
    if (error instanceof JsonSyntaxError) return undefined;
    throw error;
  }
}
