/**
 * Ends what goes on under a credential that is not good any more: the open sockets of a session that was ended, of a key that was
 * deleted, of an account that is disabled or whose role has changed. A hint ends them at once; that all are still good is asked every few seconds anyway.
 */
import type { MikroORM } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import type { Channel } from '../../db/channel.js';
import { Repeating } from '../../process/repeating.js';
import type { Timings } from '../../process/timings.js';
import type { Role } from '../user.js';
import type { Viewer } from '../viewer.js';

/** What the processes tell each other about. */
const TOPIC = 'revoked';

export type Revoked = { sessionIds?: readonly string[]; apiKeyIds?: readonly string[]; userIds?: readonly string[] };

type Holder = { viewer: Viewer; end: () => void };

export class Revocations {
  readonly #holders = new Set<Holder>();
  readonly #looking: Repeating;

  constructor(
    private readonly orm: MikroORM,
    private readonly channel: Channel,
    timings: Timings,
    logger: Logger,
  ) {
    this.#looking = new Repeating(
      timings.credentialCheckIntervalMs,
      () => this.#look(),
      'look whether credentials are still good',
      logger,
    );
  }

  open(): void {
    this.channel.on(TOPIC, (kind, id) => this.#end(String(kind), String(id)));
    this.#looking.open();
  }

  close(): Promise<void> {
    return this.#looking.close();
  }

  /** Calls `end` once this viewer's credential has been taken back. The answer forgets it. */
  hold(viewer: Viewer, end: () => void): () => void {
    const holder = { viewer, end };
    this.#holders.add(holder);
    return () => void this.#holders.delete(holder);
  }

  /** These were taken back, and that is committed. */
  tell({ sessionIds = [], apiKeyIds = [], userIds = [] }: Revoked): void {
    const kinds = { session: sessionIds, key: apiKeyIds, user: userIds };
    for (const [kind, ids] of Object.entries(kinds))
      for (const id of ids) {
        this.channel.send(TOPIC, kind, id);
        this.#end(kind, id);
      }
  }

  #end(kind: string, id: string): void {
    for (const { viewer, end } of [...this.#holders])
      if ({ session: viewer.sessionId, key: viewer.apiKeyId, user: viewer.id }[kind] === id) end();
  }

  async #look(): Promise<void> {
    const holders = [...this.#holders];
    if (holders.length === 0) return;
    const good = await readGood(
      this.orm,
      holders.map(({ viewer }) => viewer),
    );
    for (const { viewer, end } of holders) if (good.get(credentialOf(viewer)) !== viewer.role) end();
  }
}

const credentialOf = ({ sessionId, apiKeyId }: Viewer): string => sessionId ?? apiKeyId;

/** The sessions and keys that are still good, by id, with the role of their account. */
async function readGood(orm: MikroORM, viewers: readonly Viewer[]): Promise<Map<string, Role>> {
  const ids = `{${[...new Set(viewers.map(credentialOf))].join(',')}}`;
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
