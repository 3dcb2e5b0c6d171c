/** One job after the other, as a user sees it. */
import { connect } from '../api.mjs';
import { CREATE, INPUT } from './jobs.mjs';

const WATCH = 'subscription ($id: ID!) { generationUpdated(id: $id) { status } }';

/** @returns `run`, which creates a generation and returns after how many ms COMPLETED was seen, and `dispose` */
export function connectForJobs(url, token) {
  const client = connect(url, token);
  const all = (query, variables) =>
    new Promise((resolve, reject) => {
      const results = [];
      const complete = () => resolve(results);
      client.subscribe({ query, variables }, { next: (result) => results.push(result), error: reject, complete });
    });
  const run = async () => {
    const start = performance.now();
    const [{ data }] = await all(CREATE, { input: INPUT });
    const events = await all(WATCH, { id: data.createGeneration.id });
    const last = events.at(-1)?.data?.generationUpdated.status;
    if (last !== 'COMPLETED') throw new Error(`a generation ended as ${last}`);
    return performance.now() - start;
  };
  return { run, dispose: () => client.dispose() };
}
