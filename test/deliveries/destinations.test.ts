/** Webhooks reach no address that only the server can reach. */
import { createSocket, type Socket } from 'node:dgram';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Destinations } from '../../src/deliveries/webhooks/destinations.js';
import { readNetworks } from '../../src/deliveries/webhooks/networks.js';
import { post } from '../../src/deliveries/webhooks/post.js';

const NOBODY = new Destinations(undefined);

/** Forms of addresses that are not public. `URL` normalises most of the first. */
const PRIVATE = [
  ...[
    '127.0.0.1',
    '127.1',
    '2130706433',
    '0x7f000001',
    '0177.0.0.1',
    '０x7f.1',
    '0',
    '0.0.0.0',
    '10.0.0.1',
    '172.16.0.1',
    '192.168.0.1',
  ],
  ...[
    '169.254.169.254',
    '100.64.0.1',
    '192.0.0.8',
    '198.18.0.1',
    '192.0.2.1',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
  ],
  ...[
    '[::]',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:0:127.0.0.1]',
    '[::7f00:1]',
    '[64:ff9b::7f00:1]',
    '[64:ff9b:1::7f00:1]',
  ],
  ...[
    '[2002:7f00:1::]',
    '[2001::1]',
    '[2001:db8::1]',
    '[3fff::1]',
    '[fd00::1]',
    '[fe80::1]',
    '[fec0::1]',
    '[ff02::1]',
    '[100::1]',
  ],
  ...['localhost', 'localhost.', 'a.localhost', 'postgres', 'printer.local', 'metadata.google.internal'],
];

test.each(PRIVATE)('%s is refused', (host) => {
  expect(() => NOBODY.validate(`https://${host}/`, 'url')).toThrow('url: The host has no public address');
});

test.each([
  ['http://8.8.8.8/', 'url must be an https URL'],
  ['file:///etc/passwd', 'url must be an https URL'],
  ['data:,x', 'url must be an https URL'],
  ['gopher://8.8.8.8/', 'url must be an https URL'],
  ['no url', 'url must be an https URL'],
  ['https://[fe80::1%25eth0]/', 'url must be an https URL'],
  ['https://user:pass@8.8.8.8/', 'url must contain no user name and no password'],
  ['https://allowed.example@127.0.0.1/', 'url must contain no user name and no password'],
  [`https://8.8.8.8/${'x'.repeat(2_048)}`, 'url has 2064 characters; the limit is 2048'],
])('%s is refused: %s', (url, message) => {
  expect(() => NOBODY.validate(url, 'url')).toThrow(message);
});

test.each([
  ['https://8.8.8.8:8443/x', 'https://8.8.8.8:8443/x'],
  ['https://[2606:4700::1]', 'https://[2606:4700::1]/'],
  ['https://Example.com/a b#c', 'https://example.com/a%20b'],
])('%s is accepted as %s', (url, normal) => {
  expect(NOBODY.validate(url, 'url')).toBe(normal);
});

describe('with private networks', () => {
  const some = new Destinations(readNetworks('192.168.1.0/24, fd00::/8').networks);

  test.each([
    'http://192.168.1.7:5678/',
    'https://192.168.1.7/',
    'http://[fd12::1]/',
    'http://n8n/',
    'https://8.8.8.8/',
  ])('%s is accepted', (url) => {
    expect(some.validate(url, 'url')).toBe(url);
  });

  test.each(['http://8.8.8.8/', 'https://192.168.2.7/', 'https://127.0.0.1/', 'https://169.254.169.254/'])(
    '%s is refused',
    (url) => {
      expect(() => some.validate(url, 'url')).toThrow('The host has no public address');
    },
  );

  test.each(['192.168.1.0', '192.168.1.0/33', 'fd00::/129', 'x/8', ''])('%j is reported as no network', (text) => {
    expect(readNetworks(text).faults).toEqual([`${text} is no network such as 192.168.1.0/24`]);
  });
});

describe('the addresses of a name', () => {
  let dns: Socket;
  let server: string;
  /** What the DNS server answers, once for each query of an A record. */
  let answers: string[][];
  beforeAll(async () => {
    dns = createSocket('udp4');
    dns.on('message', (query, { port, address }) => dns.send(answerTo(query), port, address));
    await new Promise<void>((bound) => dns.bind(0, '127.0.0.1', bound));
    server = `127.0.0.1:${dns.address().port}`;
  });
  afterAll(() => void dns.close());

  /** A response to a query: IPv4 addresses for type A, and nothing for AAAA. */
  function answerTo(query: Buffer): Buffer {
    const end = query.indexOf(0, 12) + 5;
    const addresses = query[end - 3] === 1 ? ((answers.length > 1 ? answers.shift() : answers[0]) ?? []) : [];
    const header = Buffer.from(query.subarray(0, 12));
    header.writeUInt16BE(0x8180, 2);
    for (const [at, count] of [
      [6, addresses.length],
      [8, 0],
      [10, 0],
    ] as const)
      header.writeUInt16BE(count, at);
    // A pointer to the name in the query, type A, class IN, no time to live, four bytes.
    const record = [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4];
    const records = addresses.map((address) => Buffer.from([...record, ...address.split('.').map(Number)]));
    return Buffer.concat([header, query.subarray(12, end), ...records]);
  }

  const resolve = (networks?: string) =>
    new Destinations(networks === undefined ? undefined : readNetworks(networks).networks, [server]).resolve(
      new URL('https://hook.example.com/'),
      AbortSignal.timeout(30_000),
    );

  test('are refused if one of them is not public', async () => {
    answers = [['93.184.215.14', '10.0.0.1']];
    await expect(resolve()).rejects.toThrow('The host has no public address');
  });

  test('that the name does not have are refused with the same error', async () => {
    answers = [[]];
    await expect(resolve()).rejects.toThrow('The host has no public address');
  });

  test('are those that are connected to, whatever the name stands for later', async () => {
    const called: string[] = [];
    const receiver: Server = createServer(({ headers }, response) => {
      called.push(String(headers.host));
      response.end();
    });
    await new Promise<void>((listening) => receiver.listen(0, '127.0.0.1', listening));
    const { port } = receiver.address() as AddressInfo;
    answers = [['127.0.0.1'], ['10.255.255.1']];
    const addresses = await resolve('127.0.0.0/8');
    const url = new URL(`http://hook.example.com:${port}/`);
    expect(await post(url, addresses, { headers: {}, body: '{}' }, AbortSignal.timeout(30_000))).toBe(200);
    expect(called).toEqual([url.host]);
    receiver.close();
  });

  test('are searched for no longer than the signal allows', async () => {
    const silent = createSocket('udp4');
    await new Promise<void>((bound) => silent.bind(0, '127.0.0.1', bound));
    const unanswered = new Destinations(undefined, [`127.0.0.1:${silent.address().port}`]);
    const stop = new AbortController();
    silent.once('message', () => stop.abort());
    await expect(unanswered.resolve(new URL('https://a.example.com/'), stop.signal)).rejects.toThrow(
      'no public address',
    );
    silent.close();
  });
});
