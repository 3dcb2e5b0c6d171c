/** Sends one request over HTTP, with the caller's headers. */
import { failure, type GraphQLResponse, type Headers, type Request } from './response';

/** Never rejects: GraphiQL would show the stack of the error. */
export async function post(url: URL, request: Request, headers: Headers): Promise<GraphQLResponse> {
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
      return JSON.parse(text) as GraphQLResponse;
    } catch {
      // Most likely the page of a proxy.
      return failure(`HTTP ${response.status} instead of a GraphQL response: ${text.slice(0, 500)}`);
    }
  } catch (error) {
    return failure(`No response from ${url}: ${error instanceof Error ? error.message : error}`);
  }
}
