/** Simulated users: they create, watch, cancel and delete generations through any available server, and retry until a server responds. */
import { setTimeout as sleep } from 'node:timers/promises';
import { signUp } from '../support/client.js';
import { FAILING_STEP } from './backend.js';
import type { Cluster } from './cluster.js';
import type { Creation, User } from './creation.js';
import type { Random } from './random.js';
import { codesOf, request } from './request.js';
import { Watcher } from './watcher.js';

const CREATE = 'mutation ($input: CreateGenerationInput!) { createGeneration(input: $input) { id } }';
const CANCEL = 'mutation ($id: ID!) { cancelGeneration(id: $id) { id } }';
const DELETE = 'mutation ($id: ID!) { deleteGeneration(id: $id) }';
const UNFINISHED = '{ generations(filter: { status: [PENDING, PROCESSING, CANCELING] }, first: 1) { totalCount } }';
const INPUT_FIELDS = '{ __type(name: "CreateGenerationInput") { inputFields { name } } }';

/** A user with this many unfinished generations creates no more. */
const MAX_UNFINISHED = 6;
const RETRY_AFTER_MS = 200;

export class Workload {
  readonly creations: Creation[] = [];
  users: User[] = [];
  readonly #cluster: Cluster;
  readonly #random: Random;
  readonly #tasks = new Set<Promise<void>>();
  #hasKeys = false;
  #isOver = false;
  #isAborted = false;
  /** Responses that violate the API's promises. */
  readonly faults: string[] = [];

  constructor(cluster: Cluster, random: Random) {
    this.#cluster = cluster;
    this.#random = random;
  }

  /** Signs up the users and starts them. Called before faults are injected. */
  async open(users: number): Promise<void> {
    const url = await this.#cluster.replicas[0]?.ready();
    for (let nth = 0; nth < users; nth += 1) this.users.push(await signUp(String(url)));
    const [first] = this.users;
    const { data } = (await first?.ask(INPUT_FIELDS)) ?? {};
    this.#hasKeys = data?.__type.inputFields.some(({ name }: { name: string }) => name === 'idempotencyKey') ?? false;
    for (const [nth, user] of this.users.entries()) this.#track(this.#work(user, nth, this.#random.fork()));
  }

  get hasKeys(): boolean {
    return this.#hasKeys;
  }

  /** Whether every user has an acknowledged generation. */
  get hasStarted(): boolean {
    return this.users.every((user) =>
      this.creations.some((creation) => creation.user === user && creation.id !== undefined),
    );
  }

  /** Stops creating generations; pending requests and watchers continue. */
  stop(): void {
    this.#isOver = true;
  }

  /** Whether all requests have responses and all watchers have seen the end. */
  get isIdle(): boolean {
    return this.#tasks.size === 0;
  }

  /** Gives up pending requests and watchers. */
  abort(): void {
    this.#isOver = true;
    this.#isAborted = true;
  }

  /** The number of unfinished generations of all users. */
  async unfinished(): Promise<number> {
    const counts = await Promise.all(this.users.map((user) => this.#unfinishedOf(user, this.#random)));
    return counts.reduce((sum, count) => sum + count, 0);
  }

  #track(task: Promise<void>): void {
    const done = task
      .catch((error) => void this.faults.push(String(error?.stack ?? error)))
      .finally(() => this.#tasks.delete(done));
    this.#tasks.add(done);
  }

  async #work(user: User, nth: number, random: Random): Promise<void> {
    const features = this.#cluster.backends.flatMap((backend) => backend.features);
    for (let count = 1; !this.#isOver; count += 1) {
      // All random choices are made here, so that responses do not change later choices.
      const fails = random.chance(0.08);
      const creation: Creation = {
        user,
        prompt: `picture ${count} of user ${nth + 1}`,
        images: random.chance(0.25) ? random.between(2, 3) : 1,
        fails,
        feature: random.chance(0.25) && features.length > 0 ? random.pick(features) : undefined,
        unanswered: 0,
        cancelRequested: false,
        deleteRequested: false,
        isDeleted: false,
      };
      const steps = fails ? FAILING_STEP + 1 : random.between(2, 5);
      const plan = {
        watchers: random.chance(0.5),
        again: random.chance(0.1),
        cancelAfter: random.chance(0.2) ? random.between(0, 2_500) : undefined,
        deleteAfter: random.chance(0.15) ? random.between(0, 4_000) : undefined,
      };
      const own = random.fork();
      const pause = random.between(50, 400);
      while (!this.#isOver && (await this.#unfinishedOf(user, own)) >= MAX_UNFINISHED) await sleep(RETRY_AFTER_MS);
      if (this.#isOver) return;
      await this.#create(creation, steps, own);
      if (creation.id !== undefined) {
        if (plan.again && this.#hasKeys) await this.#createAgain(creation, steps, own);
        if (plan.watchers) this.#track(this.#watch(creation, own.fork()));
        if (plan.cancelAfter !== undefined) this.#track(this.#cancel(creation, plan.cancelAfter, own.fork()));
        if (plan.deleteAfter !== undefined) this.#track(this.#delete(creation, plan.deleteAfter, own.fork()));
      }
      await sleep(pause);
    }
  }

  async #create(creation: Creation, steps: number, random: Random): Promise<void> {
    const { user } = creation;
    this.creations.push(creation);
    const input = this.#inputOf(creation, steps);
    while (!this.#isAborted) {
      const reply = await request(this.#cluster, random, user.token, CREATE, { input });
      if (reply.isAnswered) {
        creation.id = reply.answer.data?.createGeneration?.id;
        if (creation.id === undefined) this.faults.push(`createGeneration returned ${JSON.stringify(reply.answer)}`);
        return;
      }
      if (reply.sent) creation.unanswered += 1;
      // Without an idempotency key a retry might create a second generation.
      if (reply.sent && !this.#hasKeys) return;
      await sleep(RETRY_AFTER_MS);
    }
  }

  /** Repeats the request with the same idempotency key, which must return the same generation. */
  async #createAgain(creation: Creation, steps: number, random: Random): Promise<void> {
    const { id, user } = creation;
    const reply = await request(this.#cluster, random, user.token, CREATE, { input: this.#inputOf(creation, steps) });
    if (reply.isAnswered && reply.answer.data?.createGeneration?.id !== id)
      this.faults.push(`The idempotency key of ${id} returned ${JSON.stringify(reply.answer)}`);
  }

  #inputOf({ prompt, images: batchSize, feature }: Creation, steps: number): object {
    const key = this.#hasKeys && { idempotencyKey: prompt };
    return { prompt, steps, width: 64, height: 64, batchSize, ...feature?.input, ...key };
  }

  async #watch(creation: Creation, random: Random): Promise<void> {
    creation.watcher = new Watcher(creation);
    await creation.watcher.watch(this.#cluster, random, () => this.#isAborted);
  }

  async #cancel(creation: Creation, afterMs: number, random: Random): Promise<void> {
    await sleep(afterMs);
    creation.cancelRequested = true;
    await this.#retryUntilAnswered(creation, CANCEL, random);
  }

  async #delete(creation: Creation, afterMs: number, random: Random): Promise<void> {
    await sleep(afterMs);
    creation.deleteRequested = true;
    creation.isDeleted = await this.#retryUntilAnswered(creation, DELETE, random);
  }

  /** Retries until a server responds. Returns false when aborted. NOT_FOUND is valid after a delete request. */
  async #retryUntilAnswered(creation: Creation, document: string, random: Random): Promise<boolean> {
    while (!this.#isAborted) {
      const reply = await request(this.#cluster, random, creation.user.token, document, { id: creation.id });
      if (!reply.isAnswered) {
        await sleep(RETRY_AFTER_MS);
        continue;
      }
      const isGone = creation.deleteRequested && codesOf(reply.answer).includes('NOT_FOUND');
      if (reply.answer.errors && !isGone)
        this.faults.push(`${document} of ${creation.id} returned ${JSON.stringify(reply.answer)}`);
      return true;
    }
    return false;
  }

  async #unfinishedOf({ token }: User, random: Random): Promise<number> {
    while (!this.#isAborted) {
      const reply = await request(this.#cluster, random, token, UNFINISHED, {});
      const count = reply.isAnswered ? reply.answer.data?.generations?.totalCount : undefined;
      if (typeof count === 'number') return count;
      await sleep(RETRY_AFTER_MS);
    }
    return 0;
  }
}
