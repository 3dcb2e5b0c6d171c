/** Addresses in the hash, with a query of their own: `#/history?search=cat`. */
import { navigate as navigateHash, useHashLocation } from 'wouter/use-hash-location';

type Options = { replace?: boolean; state?: unknown };

/** Opens an address. wouter would put its query before the hash. */
export function navigate(to: string, { replace = false, state = null }: Options = {}): void {
  const url = new URL(location.href);
  url.hash = to;
  history[replace ? 'replaceState' : 'pushState'](state, '', url);
  dispatchEvent(new HashChangeEvent('hashchange'));
}

/** For wouter's Router: the path alone. */
export function usePath(): [string, typeof navigateHash] {
  const [address] = useHashLocation();
  return [pathOf(address), navigate];
}

usePath.hrefs = (href: string): string => `#${href}`;
usePath.searchHook = (): string => queryOf(useHashLocation()[0]);

const pathOf = (address: string): string => address.split('?', 1)[0] ?? '/';
const queryOf = (address: string): string => address.slice(pathOf(address).length + 1);
