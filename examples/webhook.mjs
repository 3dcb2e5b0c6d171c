// Receives webhooks. Needs `npm install standardwebhooks`.
// WEBHOOK_SECRET=whsec_… node webhook.mjs
import { createServer } from 'node:http';
import { Webhook } from 'standardwebhooks';

const webhook = new Webhook(process.env.WEBHOOK_SECRET);
// Keep these in your database: the same delivery may arrive twice.
const seen = new Set();

const server = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  let event;
  try {
    // The body exactly as it arrived: written again, it would have another signature.
    event = webhook.verify(Buffer.concat(chunks).toString(), request.headers);
  } catch {
    response.writeHead(400).end();
    return;
  }
  // Answer first, and do the work afterwards: after 15 seconds the delivery is sent again.
  response.writeHead(204).end();
  const id = request.headers['webhook-id'];
  if (seen.has(id)) return;
  seen.add(id);
  console.log(event.type, event.data.id, event.data.failure?.message ?? '');
});
server.listen(Number(process.env.PORT ?? 3000), () => console.log(`Listening on port ${server.address().port}`));
