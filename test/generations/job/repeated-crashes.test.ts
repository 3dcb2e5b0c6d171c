/** A job that crashes this server in every run ends, and delays no other job. */
import { startTestApp } from '../../support/app.js';
import { signUp } from '../../support/client.js';
import { becomes, create, expectTrueEnd, QUICK, queueOf, reaches, read, settles, sql } from '../support.js';

test('a generation that repeatedly crashes this server is INTERNAL, its prompt is removed from ComfyUI, and others continue', async () => {
  const app = await startTestApp({ timings: { ...QUICK, heartbeatIntervalMs: 200 } });
  const before = await app.startAnother();
  try {
    const alice = await signUp(app.url);
    app.simulator.hold();
    const broken = await create(alice);
    await reaches(app, broken.id, 'running');
    const healthy = await create(alice);
    await reaches(app, healthy.id, 'pending');

    // Simulates a server that took the job and crashed: the stored graph fails every run. The fence rises, so that the current holder
    // does not renew its lease.
    await sql(
      app,
      `with g as (update generations set fence = fence + 1 where id = $1 returning fence)
       update prompts set graph = '{', holder = 1, lease_until = now(), fence = g.fence from g where generation_id = $1`,
      [broken.id],
    );
    const end = await becomes(alice, broken.id, 'FAILED');
    expect(end.failure).toMatchObject({ code: 'INTERNAL', retryable: false });
    await expectTrueEnd(app, end);
    app.simulator.release();
    await becomes(alice, healthy.id, 'COMPLETED');
    await settles(app, broken.id);
    expect(await read(alice, broken.id)).toEqual(end);
    expect(await queueOf(app.simulator)).toEqual({ running: [], pending: [] });
    await becomes(alice, (await create(alice)).id, 'COMPLETED');
  } finally {
    app.simulator.heal();
    await before.close();
    await app.close();
  }
});
