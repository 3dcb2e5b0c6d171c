/** The transports, as an attacker uses them. Each function returns the result in a word or two. */
import WebSocket from 'ws';

/** The code of the first error. */
const codeOf = (answer) => /"code":"([A-Z_]+)"/.exec(answer)?.[1] ?? (answer ? 'data' : '');

/** @returns the status, and the code of the first error */
export async function send(url, options) {
  const answer = await fetch(url, options).catch(() => undefined);
  if (!answer) return 'cut off';
  return `${answer.status} ${codeOf(await answer.text())}`.trim();
}

export const overHttp = (url, token, body, headers = {}) =>
  send(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, ...headers },
    body,
  });

export const overEvents = (url, token, body, headers = {}) =>
  send(`${url}/graphql/stream`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      authorization: `Bearer ${token}`,
      ...headers,
    },
    body,
  });

/** @returns the type of the message with the code of its first error, or the close code of the socket */
export function overSocket(url, token, body) {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  return new Promise((resolve) => {
    socket.on('error', () => {});
    socket.on('close', (code) => resolve(`closed ${code}`));
    socket.on('open', () =>
      socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } })),
    );
    socket.on('message', (data) => {
      const answer = String(data);
      if (answer.startsWith('{"type":"connection_ack"'))
        return socket.send(`{"id":"1","type":"subscribe","payload":${body}}`);
      resolve(`${/"type":"(\w+)"/.exec(answer)?.[1]} ${codeOf(answer)}`);
      socket.close();
    });
  });
}

export const PATHS = { HTTP: '/graphql', events: '/graphql/stream' };

/** Without this header, the CSRF check rejects most forms. */
const ASKED = { 'apollo-require-preflight': 'x' };
const multipart = (query) => {
  const form = new FormData();
  form.set('operations', JSON.stringify({ query }));
  form.set('map', '{}');
  return form;
};

/** The encodings of a document other than JSON: the query after the path, and the request's options. */
export const FORMS = {
  GET: (query) => [`?${new URLSearchParams({ query })}`, { headers: ASKED }],
  'GET, unasked': (query) => [`?${new URLSearchParams({ query })}`, {}],
  'GET of an odd type': (query) => [`?${new URLSearchParams({ query })}`, { headers: { 'content-type': 'a/b; c=d' } }],
  form: (query) => ['', { method: 'POST', headers: ASKED, body: new URLSearchParams({ query }) }],
  multipart: (query) => ['', { method: 'POST', headers: ASKED, body: multipart(query) }],
  'text/plain': (query) => ['', { method: 'POST', headers: { ...ASKED, 'content-type': 'text/plain' }, body: query }],
  'text/plain as if JSON': (query) => [
    '',
    {
      method: 'POST',
      headers: { ...ASKED, 'content-type': 'text/plain; charset=application/json' },
      body: JSON.stringify({ query }),
    },
  ],
  'no type': (query) => ['', { method: 'POST', headers: ASKED, body: Buffer.from(JSON.stringify({ query })) }],
};
