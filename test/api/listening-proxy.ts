/** A proxy between an app and its PostgreSQL that records every SQL statement that is executed. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

const LENGTH_BYTES = 4;
const TYPE_BYTES = 1;

export type ListeningProxy = { url: string; statements: string[]; close(): Promise<void> };

export async function startListeningProxy(databaseUrl: string): Promise<ListeningProxy> {
  const target = new URL(databaseUrl);
  const statements: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const database = connect(Number(target.port), target.hostname);
    const read = statementReader((sql) => statements.push(sql));
    client.on('data', read);
    client.pipe(database).pipe(client);
    for (const socket of [client, database]) {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      socket.on('error', () => {
        client.destroy();
        database.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(databaseUrl);
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    statements,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/**
 * Reads the SQL from the client's messages. After the first message, which has no type, each is a type of one byte, a length that
 * counts itself, and a body: `Q` holds a statement, `P` (Parse) a name and then a statement, `B` (Bind) a portal and then the name of a
 * statement to execute. https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
function statementReader(record: (sql: string) => void): (chunk: Buffer) => void {
  const prepared = new Map<string, string>();
  let buffer = Buffer.alloc(0);
  let typeBytes = 0;
  return (chunk) => {
    buffer = Buffer.concat([buffer, chunk]);
    while (buffer.length >= typeBytes + LENGTH_BYTES) {
      const end = typeBytes + buffer.readUInt32BE(typeBytes);
      if (buffer.length < end) return;
      const type = typeBytes === 0 ? '' : String.fromCharCode(Number(buffer[0]));
      const [first = '', second = ''] = buffer.toString('utf8', typeBytes + LENGTH_BYTES, end).split('\0');
      if (type === 'Q') record(first);
      if (type === 'P') prepared.set(first, second);
      if (type === 'B') record(prepared.get(second) ?? '');
      buffer = buffer.subarray(end);
      typeBytes = TYPE_BYTES;
    }
  };
}
