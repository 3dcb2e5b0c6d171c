/** State of the signed-in user that is not in the cache. It goes with the client, so that the next user has none of it. */
import { type Client, useClient } from 'urql';

/** @returns a hook for the one value that each client has */
export function perClient<Value>(create: (client: Client) => Value): () => Value {
  const values = new WeakMap<Client, Value>();
  return () => {
    const client = useClient();
    const value = values.get(client) ?? create(client);
    values.set(client, value);
    return value;
  };
}
