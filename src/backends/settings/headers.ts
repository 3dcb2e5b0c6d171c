/** Parses COMFYUI_HEADERS: `{"X-Api-Key": "…"}` for all backends, `{"gpu-a": {"X-Api-Key": "…"}}` for one of them. */
import { validateHeaderName, validateHeaderValue } from 'node:http';

type Headers = Record<string, string>;

type BackendHeaders = {
  all: Headers;
  /** By the names of backends. */
  named: Record<string, Headers>;
};

/** HTTP and WebSocket need their own values of these. */
const RESERVED = /^(connection|content-length|content-type|transfer-encoding|upgrade|origin|sec-websocket-.*)$/i;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The faults never contain a value: it may be a password. */
export function readHeaders(text: string): { headers: BackendHeaders; faults: string[] } {
  const headers: BackendHeaders = { all: {}, named: {} };
  const faults: string[] = [];
  const add = (target: Headers, name: string, value: unknown) => {
    if (isHeader(name, value)) target[name.toLowerCase()] = value;
    else faults.push(`the header ${JSON.stringify(name)} has a name or value that HTTP does not allow, or is reserved`);
  };
  const given = parsed(text);
  if (!isRecord(given)) faults.push('must be a JSON object, for example {"Authorization": "Bearer …"}');
  else
    for (const [name, value] of Object.entries(given)) {
      if (!isRecord(value)) add(headers.all, name, value);
      else {
        const own: Headers = {};
        for (const [header, headerValue] of Object.entries(value)) add(own, header, headerValue);
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
