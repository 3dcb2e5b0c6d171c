/** One prompt's run as an async iterable of events, for a reader that may be slow or leave early. */
import type { Graph } from '../protocol/protocol.js';
import { linked } from '../transport/linked-signal.js';
import { Mailbox } from '../transport/socket/mailbox.js';
import { PromptFollower, type RunContext, type RunEvent, type RunOptions } from './prompt-follower.js';

/** Made once: an error for each run would cost its stack. */
const OVER = new Error('The run is over');

export async function* run(context: RunContext, graph: Graph, options: RunOptions): AsyncGenerator<RunEvent, void> {
  const mailbox = new Mailbox<RunEvent>(kindOf);
  const link = linked([options.signal, context.closed]);
  const stop = () => mailbox.fail(link.signal.reason);
  if (link.signal.aborted) stop();
  link.signal.addEventListener('abort', stop, { once: true });
  const follower = new PromptFollower(context, graph, options, link.signal, (event) => mailbox.push(event));
  follower.follow().then(
    () => mailbox.end(),
    (error: unknown) => mailbox.fail(error),
  );
  try {
    yield* mailbox;
  } finally {
    link.unlink();
    link.abort(OVER);
  }
}

/** Events of one kind replace each other: a late reader needs only the newest. */
function kindOf({ type }: RunEvent): string | undefined {
  if (type === 'progress' || type === 'preview') return type;
  return type === 'unreachable' || type === 'reachable' ? 'outage' : undefined;
}
