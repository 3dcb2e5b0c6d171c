/** A job that breaks this server, however often it is begun, ends, and holds up nobody. */
import { startConfigured, startTestApp } from '../support/app.js';
import { signUp } from '../support/client.js';
import { becomes, create, expectTrueEnd, queueOf, reaches, read, settles, sql } from './support.js';

test('one over which this server breaks again and again is INTERNAL, its prompt is taken out of ComfyUI, and the others go on', async () => {
  const app = await startTestApp();
  const before = await startConfigured(app.env);
  try {
    const alice = await signUp(app.url);
    app.simulator.hold();
    const broken = await create(alice);
    await reaches(app, broken.id, 'running');
    const healthy = await create(alice);
    await reaches(app, healthy.id, 'pending');

    // A stored graph that cannot be read is read by whoever goes on with the job: both servers will try.
    await sql(app, `update prompts set graph = '{' where generation_id = $1`, [broken.id]);
    await sql(app, `update prompts set holder = 1, lease_until = now() where generation_id = $1`, [broken.id]);
    const end = await becomes(alice, broken.id, 'FAILED', 40_000);
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
}, 90_000);
