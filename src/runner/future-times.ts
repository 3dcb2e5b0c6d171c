/** Resets the times of the runner that lie in the future, after the clock was set back. A pause lasts an hour at most, a lease far less. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { MS } from './leases.js';

const RESETS = [
  'update prompts set stop_asked_at = now() where ended_at is null and stop_asked_at > now()',
  'update prompts set abandoned_at = now() where ended_at is null and abandoned_at > now()',
  'update generations set run_after = now() where waiting and run_after > now()',
  'update turns set at = now() where at > now()',
];

export async function resetFutureTimes(em: SqlEntityManager, leaseMs: number): Promise<void> {
  await em.execute(
    `update prompts set lease_until = now() + ${MS} where ended_at is null and lease_until > now() + 2 * ${MS}`,
    [leaseMs, leaseMs],
  );
  for (const statement of RESETS) await em.execute(statement);
}
