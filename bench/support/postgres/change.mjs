/** Changes a generation as another server on the same database does: see src/db/channel.ts for the message. */
const SENDER = '00000000-0000-4000-8000-000000000000';
/** PostgreSQL accepts less than 8,000 bytes in one notification. */
const MOST = 50;

/** Raises the revision of each generation, and notifies. */
export async function change({ query }, ids, userId) {
  await query('update generations set revision = revision + 1, updated_at = now() where id = any($1)', [ids]);
  for (let from = 0; from < ids.length; from += MOST) {
    const hints = ids.slice(from, from + MOST).map((id) => ['changed', id, userId, false]);
    await query('select pg_notify($1, $2)', ['comfygraph', `${SENDER}${JSON.stringify(hints)}`]);
  }
}
