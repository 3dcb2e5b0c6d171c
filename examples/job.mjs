import { writeFile } from 'node:fs/promises';
import { createClient } from 'graphql-ws';

const api = 'http://127.0.0.1:4000';
const account = 'email: "me@example.com", password: "correct horse battery"';
const headers = { 'content-type': 'application/json' };
const ask = async (query) => {
  const response = await fetch(`${api}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query }) });
  return (await response.json()).data;
};

const { signUp } = await ask(`mutation { signUp(input: { ${account} }) { accessToken } }`);
const session = signUp ?? (await ask(`mutation { signIn(input: { ${account} }) { accessToken } }`)).signIn;
headers.authorization = `Bearer ${session.accessToken}`;

const { createGeneration } = await ask(
  'mutation { createGeneration(input: { prompt: "a beautiful landscape", model: "stable-diffusion-1.5" }) { id } }',
);

// A server that restarts refuses connections for a moment: retry.
const socket = createClient({
  url: `${api.replace('http', 'ws')}/graphql`,
  connectionParams: headers,
  shouldRetry: () => true,
});
const query = `subscription ($id: ID!) {
  generationUpdated(id: $id) { status progress { fraction node } errorMessage result { images { url } } }
}`;
for await (const { data } of socket.iterate({ query, variables: { id: createGeneration.id } })) {
  const { status, progress, errorMessage, result } = data.generationUpdated;
  console.log(status, progress ? `${progress.node} ${Math.round(progress.fraction * 100)} %` : (errorMessage ?? ''));
  for (const { url } of result?.images ?? []) await writeFile('picture.png', (await fetch(new URL(url, api))).body);
}
