/** Waits for the backend: until it has told what it has, names are not judged and a generation may have no model. */
import type { Client } from '../support/client.js';
import { until } from '../support/until.js';

export const backendOnline = (client: Client): Promise<boolean> =>
  until(async () => {
    const { data } = await client.ask('{ backends { state } }');
    return data.backends[0]?.state === 'ONLINE';
  }, 'the backend is online');
