/** Addresses in the hash, with a query of their own: `#/history?search=cat`. */
import { createContext, use, useDeferredValue } from 'react';
import { navigate as navigateHash, useHashLocation } from 'wouter/use-hash-location';
import { write } from '../ui/layers/layers';

type Options = Parameters<typeof write>[1];

/** Opens an address. wouter would put its query before the hash. */
export function navigate(to: string, options: Options = {}): void {
  const url = new URL(location.href);
  url.hash = to;
  write(url, options);
}

/** For wouter's Router: the path alone. */
export function usePath(): [string, typeof navigateHash] {
  const [address] = useHashLocation();
  return [pathOf(address), navigate];
}

usePath.hrefs = (href: string): string => `#${href}`;
usePath.searchHook = (): string => queryOf(useHashLocation()[0]);

/**
 * The address of the room that is shown, for all that is in it. A new room may take longer than a frame to render: until then the old one
 * stays, at its own address. Within a room the address changes at once, so that each key acts on what the last one has done.
 */
export const ShownAddress = createContext('/');

/** @returns the value of `ShownAddress` */
export function useShownAddress(): string {
  const [address] = useHashLocation();
  const deferred = useDeferredValue(address);
  return roomOf(address) === roomOf(deferred) ? address : deferred;
}

/** Like `usePath`, for what is in a room. */
export function usePathOfRoom(): [string, typeof navigateHash] {
  return [pathOf(use(ShownAddress)), navigate];
}

usePathOfRoom.hrefs = usePath.hrefs;
usePathOfRoom.searchHook = (): string => queryOf(use(ShownAddress));

/** @returns the first part of an address */
export const roomOf = (address: string): string => pathOf(address).split('/', 2).join('/');
/** @returns what is one page to the user: one generation is over the gallery, not in its place */
export const pageOf = (address: string): string =>
  roomOf(address) === '/history' ? '/history' : pathOf(address) || '/';
const pathOf = (address: string): string => address.split('?', 1)[0] ?? '/';
const queryOf = (address: string): string => address.slice(pathOf(address).length + 1);
