/** Cursors of the change stream: a position, and the epoch of the server that issued it. */
import { validate as isUuid } from 'uuid';
import { badUserInput } from '../../graphql/errors.js';

/** PostgreSQL's text of a snapshot, `xmin:xmax:xip_list`, such as `10:20:10,14`. */
export type Position = string;
export type ChangeCursor = { epoch: string; since: Position };

const SNAPSHOT = /^([1-9]\d{0,18}):([1-9]\d{0,18}):((?:\d{1,19},)*\d{1,19})?$/;
const MAX_XID = 2n ** 63n;

export const encodeChangeCursor = ({ epoch, since }: ChangeCursor): string =>
  Buffer.from(`${epoch} ${since}`).toString('base64url');

/** @throws BAD_USER_INPUT for a cursor that no server has issued */
export function decodeChangeCursor(cursor: string): ChangeCursor {
  const text = Buffer.from(cursor, 'base64url').toString();
  const [epoch = '', since = ''] = text.split(' ');
  const isOurs = encodeChangeCursor({ epoch, since }) === cursor && isUuid(epoch) && isSnapshot(since);
  if (!isOurs) throw badUserInput('Invalid cursor: pass the cursor of an earlier change', 'after');
  return { epoch, since };
}

/** Whether PostgreSQL can read it. */
function isSnapshot(text: string): boolean {
  const [, oldest, next, list] = SNAPSHOT.exec(text) ?? [];
  if (oldest === undefined || next === undefined) return false;
  const [min, max] = [BigInt(oldest), BigInt(next)];
  const ids = list?.split(',').map(BigInt) ?? [];
  return min <= max && max < MAX_XID && ids.every((id, nth) => id >= (ids[nth - 1] ?? min) && id < max);
}
