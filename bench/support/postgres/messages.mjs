/** Splits a stream of PostgreSQL's protocol into messages: a type of one byte, a length of four, and a body. */
const HEADER = 5;
const LENGTH = 4;

/**
 * @param hasStartup the first message, of a client, has no type
 * @returns a function that takes the next bytes
 */
export function splitMessages({ hasStartup = false }, receive) {
  let held = Buffer.alloc(0);
  let isStarting = hasStartup;
  return (bytes) => {
    held = held.length > 0 ? Buffer.concat([held, bytes]) : bytes;
    while (held.length >= HEADER) {
      const typeLength = isStarting ? 0 : 1;
      const end = typeLength + held.readInt32BE(typeLength);
      if (held.length < end) return;
      if (!isStarting) receive(String.fromCharCode(held[0]), held.subarray(1 + LENGTH, end));
      isStarting = false;
      held = held.subarray(end);
    }
  };
}
