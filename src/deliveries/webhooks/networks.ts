/** Which addresses a webhook may be sent to. */
import { BlockList, isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** What ipaddr.js takes for public: networks for benchmarks and for documentation. */
const NOT_PUBLIC = readNetworks('198.18.0.0/15,3fff::/20').networks;
/** The only part of IPv6 that is assigned to public hosts. Others embed IPv4 addresses, private ones too. */
const PUBLIC_IPV6 = readNetworks('2000::/3').networks;

/** Reads `192.168.1.0/24, fd00::/8`. `faults` has a message for each that is invalid. */
export function readNetworks(list: string): { networks: BlockList; faults: string[] } {
  const networks = new BlockList();
  const faults: string[] = [];
  for (const text of list.split(',').map((each) => each.trim())) {
    const [, address = '', bits = ''] = /^(.+)\/(\d{1,3})$/.exec(text) ?? [];
    const version = isIP(address);
    if (version === 0 || Number(bits) > (version === 6 ? 128 : 32))
      faults.push(`${text} is no network such as 192.168.1.0/24`);
    else networks.addSubnet(address, Number(bits), version === 6 ? 'ipv6' : 'ipv4');
  }
  return { networks, faults };
}

export function isPublic(text: string): boolean {
  const address = ipaddr.process(text);
  if (address.range() !== 'unicast' || isWithin(text, NOT_PUBLIC)) return false;
  return address.kind() === 'ipv4' || isWithin(text, PUBLIC_IPV6);
}

/** An IPv4 address that is written as IPv6 counts as IPv4. */
export function isWithin(text: string, networks: BlockList): boolean {
  const address = ipaddr.process(text);
  return networks.check(address.toString(), address.kind());
}
