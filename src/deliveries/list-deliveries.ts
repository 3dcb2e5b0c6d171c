/** The deliveries of a webhook, newest first. */
import { Field, ObjectType } from 'type-graphql';
import type { SqlRunner } from '../db/reads.js';
import { badUserInput } from '../graphql/errors.js';
import { PageInfo, toPage } from '../graphql/pagination.js';
import { DELIVERY_COLUMNS, Delivery, type DeliveryRow } from './delivery.js';

@ObjectType({ description: 'A delivery in a page.' })
class DeliveryEdge {
  @Field(() => String, { description: 'Pass it as `after` to continue behind this delivery.' })
  cursor!: string;

  @Field(() => Delivery, { description: 'The delivery.' })
  node!: DeliveryRow;
}

@ObjectType({ description: 'A page of deliveries.' })
export class DeliveryConnection {
  @Field(() => [DeliveryEdge], { description: 'The page, with cursors.' })
  edges!: DeliveryEdge[];

  @Field(() => [Delivery], { description: 'The page, without cursors.' })
  nodes!: DeliveryRow[];

  @Field(() => PageInfo, { description: 'Whether more pages exist, and the cursors of this page.' })
  pageInfo!: PageInfo;
}

/** @throws BAD_USER_INPUT */
export async function listDeliveries(
  sql: SqlRunner,
  webhookId: string,
  args: { first?: number | null | undefined; after?: string | null | undefined },
): Promise<DeliveryConnection> {
  const { size, after } = toPage(args);
  const found = await sql.execute<DeliveryRow[]>(
    `select ${DELIVERY_COLUMNS} from deliveries d where webhook_id = ? and seq < ?::bigint order by seq desc limit ?::int`,
    [webhookId, after === null ? MAX_SEQ : decodeCursor(after), size + 1],
  );
  const nodes = found.slice(0, size);
  const edges = nodes.map((node) => ({ cursor: encodeCursor(node.seq), node }));
  return {
    edges,
    nodes,
    pageInfo: {
      hasNextPage: found.length > size,
      hasPreviousPage: after !== null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}

const MAX_SEQ = '9223372036854775807';

const encodeCursor = (seq: string): string => Buffer.from(seq).toString('base64url');

function decodeCursor(cursor: string): string {
  const seq = Buffer.from(cursor, 'base64url').toString();
  if (!/^[1-9]\d{0,17}$/.test(seq) || encodeCursor(seq) !== cursor)
    throw badUserInput('Invalid cursor: pass a cursor of this list', 'after');
  return seq;
}
