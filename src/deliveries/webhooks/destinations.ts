/**
 * Guards against requests to addresses that only this server can reach. A URL is checked when it is saved, and its addresses whenever it is
 * sent to: what a name stands for may have changed.
 */
import { Resolver } from 'node:dns/promises';
import { type BlockList, isIP } from 'node:net';
import { badUserInput } from '../../graphql/errors.js';
import { requireStorable } from '../../graphql/text.js';
import { isPublic, isWithin } from './networks.js';

const MAX_URL_LENGTH = 2_048;
/** Names that never stand for a public host. */
const PRIVATE_NAME = /^[^.]*$|\.(?:localhost|local|internal|home\.arpa|test|invalid|onion)$/;
/** One answer for all of these: what this server's DNS knows of its own network is nobody's business. */
const NO_PUBLIC_ADDRESS = 'The host has no public address';

export type ResolvedAddress = { address: string; family: 4 | 6 };

/** A request to this URL is refused. The message is for its owner. */
export class DestinationRefused extends Error {
  override name = 'DestinationRefused';
}

export class Destinations {
  /**
   * Asks DNS servers itself, and does not read /etc/hosts: a lookup by the system would take one of the few threads that read and write files.
   * @param privateNetworks undefined for none
   * @param dnsServers undefined for those of the system
   */
  constructor(
    private readonly privateNetworks: BlockList | undefined,
    private readonly dnsServers?: readonly string[],
  ) {}

  /** Checks a URL as far as that is possible without DNS. @returns its normal form @throws BAD_USER_INPUT */
  readonly validate = (text: string, field: string): string => {
    requireStorable(text, field);
    const length = [...text].length;
    if (length > MAX_URL_LENGTH)
      throw badUserInput(`${field} has ${length} characters; the limit is ${MAX_URL_LENGTH}`, field);
    const url = URL.canParse(text) ? new URL(text) : undefined;
    const isHttp = url?.protocol === 'http:' && this.privateNetworks !== undefined;
    if (!url || (url.protocol !== 'https:' && !isHttp)) throw badUserInput(`${field} must be an https URL`, field);
    if (url.username !== '' || url.password !== '')
      throw badUserInput(`${field} must contain no user name and no password`, field);
    url.hash = '';
    const host = hostOf(url);
    const isRefused = isIP(host)
      ? !this.#isAllowed(url, host)
      : this.privateNetworks === undefined && PRIVATE_NAME.test(host);
    if (isRefused) throw badUserInput(`${field}: ${NO_PUBLIC_ADDRESS}`, field);
    return url.href;
  };

  /** @returns addresses that were checked: connect to no other @throws DestinationRefused if there is none, or one of them is not allowed */
  async resolve(url: URL, signal: AbortSignal): Promise<ResolvedAddress[]> {
    const host = hostOf(url);
    const addresses = isIP(host) ? [host] : await this.#lookUp(host, signal);
    if (addresses.length === 0 || !addresses.every((address) => this.#isAllowed(url, address)))
      throw new DestinationRefused(NO_PUBLIC_ADDRESS);
    return addresses.map((address) => ({ address, family: isIP(address) === 6 ? 6 : 4 }));
  }

  /** Without TLS only in networks that the operator has named. */
  #isAllowed(url: URL, address: string): boolean {
    const isNamed = this.privateNetworks !== undefined && isWithin(address, this.privateNetworks);
    return isNamed || (url.protocol === 'https:' && isPublic(address));
  }

  async #lookUp(name: string, signal: AbortSignal): Promise<string[]> {
    const resolver = new Resolver();
    if (this.dnsServers) resolver.setServers(this.dnsServers);
    signal.addEventListener('abort', () => resolver.cancel(), { once: true });
    const found = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
    return found.flatMap((each) => (each.status === 'fulfilled' ? each.value : []));
  }
}

/** Without the brackets of an IPv6 address and the dot at the end of a full name. `URL` has already normalised forms such as 0x7f000001. */
const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
