/** Pages that show a gallery with the recipes in examples/, one per GraphQL client. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ApolloClient, TypedDocumentNode } from '@apollo/client';
import type { Client as UrqlClient } from '@urql/core';
import type { Client as Socket } from 'graphql-ws';
import { until } from '../support/until.js';

export type Session = { accessToken: string; refreshToken: string };
type Node = { prompt: string; status: string; result: { images: unknown[] } | null };
type Gallery = { generations: { edges: { node: Node }[] } };
type GalleryDocument = TypedDocumentNode<Gallery, Record<string, never>>;

export type Page = {
  socket: Socket;
  /** One line per generation, in the order of the list. */
  shown(): string[];
  create(input: object): Promise<string>;
  watch(id: string): Promise<void>;
  remove(id: string): Promise<unknown>;
  follow(onError: (error: unknown) => void): void;
};

/** The exports of a recipe, for a client of this type. */
type Recipe<Client> = {
  GALLERY: GalleryDocument;
  create(client: Client, input: object): Promise<string>;
  watch(client: Client, id: string, onState?: (state?: { status: string }) => void): unknown;
  remove(client: Client, id: string): Promise<unknown>;
  follow(client: Client, onError: (error: unknown) => void): unknown;
};

const load = async (folder: string, name: string) => import(pathToFileURL(join(folder, name)).href);

/** A creation that overtakes it is in neither. */
const LIST = 'the list to arrive';

const toLines = (data: Gallery | null | undefined): string[] =>
  (data?.generations.edges ?? []).map(
    ({ node: { prompt, status, result } }) =>
      `${prompt} ${status.replace('PROCESSING', 'PENDING')} ${result?.images.length ?? 0}`,
  );

/** The actions that are the same for every client. */
const actions = <Client>(recipe: Recipe<Client>, client: Client) => ({
  create: (input: object) => recipe.create(client, input),
  remove: (id: string) => recipe.remove(client, id),
  follow: (onError: (error: unknown) => void) => void recipe.follow(client, onError),
});

async function openApollo(folder: string, session: Session): Promise<Page> {
  type Opened = { client: ApolloClient; socket: Socket };
  type Apollo = Recipe<ApolloClient> & { openApollo(session: Session): Opened };
  const recipe: Apollo = await load(folder, 'apollo.mjs');
  const { client, socket } = recipe.openApollo(session);
  const gallery = client.watchQuery({ query: recipe.GALLERY });
  gallery.subscribe(() => {});
  await until(() => gallery.getCurrentResult().data, LIST);
  return {
    socket,
    shown: () => toLines(gallery.getCurrentResult().data as Gallery | undefined),
    watch: (id) => recipe.watch(client, id) as Promise<void>,
    ...actions(recipe, client),
  };
}

async function openUrql(folder: string, session: Session): Promise<Page> {
  type Opened = { client: UrqlClient; socket: Socket };
  type Urql = Recipe<UrqlClient> & { openUrql(session: Session): Opened };
  const recipe: Urql = await load(folder, 'urql.mjs');
  const { client, socket } = recipe.openUrql(session);
  let data: Gallery | undefined;
  client.query(recipe.GALLERY, {}).subscribe((result) => {
    data = result.data;
  });
  await until(() => data, LIST);
  const watch = async (id: string) => {
    let status: string | undefined;
    const watching = recipe.watch(client, id, (state) => {
      status = state?.status;
    });
    await until(() => status === 'COMPLETED', 'the final state to arrive');
    (watching as { unsubscribe(): void }).unsubscribe();
  };
  return { socket, shown: () => toLines(data), watch, ...actions(recipe, client) };
}

/** The part of relay-runtime that the page uses; the package has no types. */
type Environment = { retain(operation: object): void; lookup(selector: unknown): { data: Gallery | null } };
type RelayRuntime = {
  getRequest(document: unknown): object;
  createOperationDescriptor(request: object, variables: object): { fragment: unknown };
  fetchQuery(environment: Environment, query: unknown, variables: object): { toPromise(): Promise<unknown> };
};

async function openRelay(folder: string, session: Session): Promise<Page> {
  type Opened = { environment: Environment; socket: Socket };
  type Relay = Recipe<Environment> & { openRelay(session: Session): Opened };
  const recipe: Relay = await load(folder, 'relay.js');
  const runtime: RelayRuntime = (await import('relay-runtime' as string)).default;
  const { environment, socket } = recipe.openRelay(session);
  const operation = runtime.createOperationDescriptor(runtime.getRequest(recipe.GALLERY), {});
  environment.retain(operation);
  await runtime.fetchQuery(environment, recipe.GALLERY, {}).toPromise();
  return {
    socket,
    shown: () => toLines(environment.lookup(operation.fragment).data),
    watch: (id) => recipe.watch(environment, id) as Promise<void>,
    ...actions(recipe, environment),
  };
}

export const PAGES = { 'Apollo Client': openApollo, 'urql with Graphcache': openUrql, Relay: openRelay };
