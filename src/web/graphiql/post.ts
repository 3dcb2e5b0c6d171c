/** Sends one request over HTTP. Whom it speaks for is the caller's. */
import { type Answer, failure, type Headers, type Request } from './answer';

/** Never rejects: GraphiQL shows the stack of what is thrown, which helps nobody. */
export async function post(url: URL, request: Request, headers: Headers): Promise<Answer> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/graphql-response+json, application/json;q=0.9',
        ...headers,
      },
      body: JSON.stringify(request),
    });
    const text = await response.text();
    try {
      return JSON.parse(text) as Answer;
    } catch {
      // A proxy's page, most likely.
      return failure(`HTTP ${response.status} instead of an answer: ${text.slice(0, 500)}`);
    }
  } catch (error) {
    return failure(`No answer from ${url}: ${error instanceof Error ? error.message : error}`);
  }
}
