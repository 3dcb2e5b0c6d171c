/** Reads which headers every request to a ComfyUI carries: `{"X-Api-Key": "…"}`, or for one of them `{"gpu-a": {"X-Api-Key": "…"}}`. */
import { validateHeaderName, validateHeaderValue } from 'node:http';

type Headers = Record<string, string>;

export type BackendHeaders = {
  all: Headers;
  /** By the names of backends. */
  named: Record<string, Headers>;
};

/** These frame a request or open a socket: another value breaks it. */
const RESERVED = /^(connection|content-length|content-type|transfer-encoding|upgrade|origin|sec-websocket-.*)$/i;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The faults are sentences that repeat no value: it may be a password. */
export function readHeaders(text: string): { headers: BackendHeaders; faults: string[] } {
  const headers: BackendHeaders = { all: {}, named: {} };
  const faults: string[] = [];
  const take = (target: Headers, name: string, value: unknown) => {
    if (isHeader(name, value)) target[name.toLowerCase()] = value;
    else
      faults.push(
        `the header ${JSON.stringify(name)} has a name or a value that HTTP does not allow, or may not be set`,
      );
  };
  const given = parsed(text);
  if (!isRecord(given)) faults.push('must be a JSON object, for example {"Authorization": "Bearer …"}');
  else
    for (const [name, value] of Object.entries(given)) {
      if (!isRecord(value)) take(headers.all, name, value);
      else {
        const own: Headers = {};
        for (const [header, its] of Object.entries(value)) take(own, header, its);
        headers.named[name] = own;
      }
    }
  return { headers, faults };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isHeader(name: string, value: unknown): value is string {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, String(value));
    return typeof value === 'string' && !RESERVED.test(name);
  } catch {
    return false;
  }
}
