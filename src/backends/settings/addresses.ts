/** Parses COMFYUI_URL: `gpu-a=http://10.0.0.5:8188,http://10.0.0.6:8188`. */
import { addressOf } from '../../comfyui/index.js';

export type BackendAddress = {
  name: string;
  /** With credentials, if it has any. */
  url: string;
  /** Sent with every request. */
  headers?: Record<string, string>;
  /** Identifies the server in place of its URL. */
  identity?: string;
};

const NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/i;

export const nameAt = (position: number): string => `comfyui-${position}`;

/** The URL without credentials, query and trailing slash: equal URLs are one server. */
export const identityOf = ({ url, identity }: BackendAddress): string =>
  identity ?? addressOf(url).url.href.replace(/\/$/, '');

/** Addresses without a name are named by their position. The faults never contain an address: it may contain a password. */
export function readAddresses(text: string): { addresses: BackendAddress[]; faults: string[] } {
  const addresses = text.split(',').map((entry, index) => readAddress(entry.trim(), index + 1));
  const faults: string[] = [];
  const names = new Map<string, number>();
  const identities = new Map<string, number>();
  for (const [index, address] of addresses.entries()) {
    const position = index + 1;
    if (!NAME.test(address.name))
      faults.push(
        `the name of address ${position} must be letters, digits, '.', '_' and '-', for example gpu-a=http://…`,
      );
    else faults.push(...duplicates(names, address.name, position, `have the same name, ${address.name}`));
    if (!isWebUrl(address.url))
      faults.push(`address ${position} must be an http(s) URL, for example http://127.0.0.1:8188`);
    else faults.push(...duplicates(identities, identityOf(address), position, 'are the same'));
  }
  return { addresses, faults };
}

function readAddress(entry: string, position: number): BackendAddress {
  const equals = entry.indexOf('=');
  // An equals sign within a URL does not end a name.
  const isNamed = equals >= 0 && !entry.slice(0, equals).includes('://');
  return isNamed
    ? { name: entry.slice(0, equals).trim(), url: entry.slice(equals + 1).trim() }
    : { name: nameAt(position), url: entry };
}

function duplicates(seen: Map<string, number>, key: string, position: number, what: string): string[] {
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
