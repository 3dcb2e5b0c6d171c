/**
 * Ends sockets and streams whose credential was revoked: the session ended, the key was deleted, the account was disabled, or its role
 * changed. A notification ends them at once. A check every few seconds finds those whose notification was lost.
 */
import type { MikroORM } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import type { Channel } from '../../db/channel.js';
import { sqlArray } from '../../db/sql-array.js';
import { Repeating } from '../../process/repeating.js';
import type { Timings } from '../../process/timings.js';
import type { Role } from '../user.js';
import type { Viewer } from '../viewer.js';

const TOPIC = 'revoked';

type Revoked = { sessionIds?: readonly string[]; apiKeyIds?: readonly string[]; userIds?: readonly string[] };

type Connection = { viewer: Viewer; end: () => void };

export class Revocations {
  readonly #connections = new Set<Connection>();
  readonly #checking: Repeating;

  constructor(
    private readonly orm: MikroORM,
    private readonly channel: Channel,
    timings: Timings,
    logger: Logger,
  ) {
    this.#checking = new Repeating(
      timings.credentialCheckIntervalMs,
      () => this.#check(),
      'check the credentials of open connections',
      logger,
    );
  }

  open(): void {
    this.channel.on(TOPIC, (kind, id) => this.#end(String(kind), String(id)));
    this.#checking.open();
  }

  close(): Promise<void> {
    return this.#checking.close();
  }

  /** Calls `end` when the viewer's credential is revoked. @returns a function that unsubscribes */
  onRevoked(viewer: Viewer, end: () => void): () => void {
    const connection = { viewer, end };
    this.#connections.add(connection);
    return () => void this.#connections.delete(connection);
  }

  /** Call it after the commit of the revocation. Notifies every process. */
  notify({ sessionIds = [], apiKeyIds = [], userIds = [] }: Revoked): void {
    const kinds = { session: sessionIds, key: apiKeyIds, user: userIds };
    for (const [kind, ids] of Object.entries(kinds))
      for (const id of ids) {
        this.channel.send(TOPIC, kind, id);
        this.#end(kind, id);
      }
  }

  #end(kind: string, id: string): void {
    for (const { viewer, end } of [...this.#connections])
      if ({ session: viewer.sessionId, key: viewer.apiKeyId, user: viewer.id }[kind] === id) end();
  }

  async #check(): Promise<void> {
    const connections = [...this.#connections];
    if (connections.length === 0) return;
    const roles = await readValid(
      this.orm,
      connections.map(({ viewer }) => viewer),
    );
    for (const { viewer, end } of connections) if (roles.get(credentialOf(viewer)) !== viewer.role) end();
  }
}

const credentialOf = ({ sessionId, apiKeyId }: Viewer): string => sessionId ?? apiKeyId;

/** The role of the account of each valid session and key, by id. */
async function readValid(orm: MikroORM, viewers: readonly Viewer[]): Promise<Map<string, Role>> {
  const ids = sqlArray([...new Set(viewers.map(credentialOf))]);
  const rows = await orm.em.fork().execute<{ id: string; role: Role }[]>(
    `select s.id, u.role from sessions s join users u on u.id = s.user_id and u.disabled_at is null
     where s.id = any(?::uuid[]) and s.expires_at > now()
     union all
     select k.id, u.role from api_keys k join users u on u.id = k.user_id and u.disabled_at is null
     where k.id = any(?::uuid[]) and coalesce(k.expires_at, 'infinity') > now()`,
    [ids, ids],
  );
  return new Map(rows.map(({ id, role }) => [id, role]));
}
