/** Reads which ComfyUI servers there are: `gpu-a=http://10.0.0.5:8188,http://10.0.0.6:8188`. */
import { addressOf } from '../comfyui/index.js';

export type BackendAddress = {
  name: string;
  /** With its credentials, where it has some. */
  url: string;
  /** Sent with every request to it. */
  headers?: Record<string, string>;
  /** What tells it from others, in place of its URL. */
  identity?: string;
};

const NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/i;

export const nameAt = (position: number): string => `comfyui-${position}`;

/** The URL without credentials, query and trailing slash: two that are equal are one server. */
export const identityOf = ({ url, identity }: BackendAddress): string =>
  identity ?? addressOf(url).url.href.replace(/\/$/, '');

/** Those that are not named are called by their position. The faults are sentences that repeat no address: it may hold a password. */
export function readAddresses(text: string): { addresses: BackendAddress[]; faults: string[] } {
  const addresses = text.split(',').map((entry, index) => readAddress(entry.trim(), index + 1));
  const faults: string[] = [];
  const names = new Map<string, number>();
  const places = new Map<string, number>();
  for (const [index, address] of addresses.entries()) {
    const position = index + 1;
    if (!NAME.test(address.name))
      faults.push(
        `the name of address ${position} must be letters, digits, '.', '_' and '-', for example gpu-a=http://…`,
      );
    else faults.push(...twice(names, address.name, position, `have the same name, ${address.name}`));
    if (!isWebUrl(address.url))
      faults.push(`address ${position} must be an http(s) URL, for example http://127.0.0.1:8188`);
    else faults.push(...twice(places, identityOf(address), position, 'are the same'));
  }
  return { addresses, faults };
}

function readAddress(entry: string, position: number): BackendAddress {
  const equals = entry.indexOf('=');
  // A `=` within a URL names nothing.
  const isNamed = equals >= 0 && !entry.slice(0, equals).includes('://');
  return isNamed
    ? { name: entry.slice(0, equals).trim(), url: entry.slice(equals + 1).trim() }
    : { name: nameAt(position), url: entry };
}

function twice(seen: Map<string, number>, key: string, position: number, what: string): string[] {
  const before = seen.get(key);
  seen.set(key, before ?? position);
  return before === undefined ? [] : [`addresses ${before} and ${position} ${what}`];
}

function isWebUrl(text: string): boolean {
  try {
    addressOf(text);
    return true;
  } catch {
    return false;
  }
}
