/** An app, and for each test a new user with a socket. */
import { startTestApp, type TestApp } from '../../support/app.js';
import { type Client, signUp } from '../../support/client.js';
import { connect, type RawSocket } from '../../support/socket.js';

export const LIVE = 'subscription { generationsUpdated { kind } }';
export const TYPENAME = '{ __typename }';
export const CREATE = 'mutation { createGeneration(input: { prompt: "x", steps: 2 }) { id status } }';

export type World = {
  app: TestApp;
  /** New in each test, so that no events of other tests arrive. */
  alice: Client;
  socket: RawSocket;
  /** Creates a generation, which the simulator holds. Resolves to its id. */
  create(): Promise<string>;
};

/** Registers the hooks that open and close everything. The returned object is filled before each test. */
export function useSocket(): World {
  const world = { create: async () => (await world.alice.ask(CREATE)).data.createGeneration.id } as World;
  beforeAll(async () => {
    world.app = await startTestApp();
  });
  beforeEach(async () => {
    world.app.simulator.hold();
    world.alice = await signUp(world.app.url);
    world.socket = await connect(world.app.url, world.alice.token);
  });
  afterEach(() => world.socket.close());
  afterAll(() => world.app?.close());
  return world;
}
