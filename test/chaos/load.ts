/** People at work: they create, watch, cancel and delete, through whichever server is there, and try again until they are answered. */
import { setTimeout as sleep } from 'node:timers/promises';
import { signUp } from '../support/client.js';
import { ask, codesOf } from './ask.js';
import { FAILING_STEP } from './backend.js';
import type { Creation, User } from './creation.js';
import type { Random } from './random.js';
import { Watcher } from './watcher.js';
import type { World } from './world.js';

const CREATE = 'mutation ($input: CreateGenerationInput!) { createGeneration(input: $input) { id } }';
const CANCEL = 'mutation ($id: ID!) { cancelGeneration(id: $id) { id } }';
const DELETE = 'mutation ($id: ID!) { deleteGeneration(id: $id) }';
const UNFINISHED = '{ generations(filter: { status: [PENDING, PROCESSING, CANCELING] }, first: 1) { totalCount } }';
const INPUT_FIELDS = '{ __type(name: "CreateGenerationInput") { inputFields { name } } }';

/** How many unfinished ones somebody has before asking for no more. */
const MAX_UNFINISHED = 6;
const RETRY_AFTER_MS = 200;

export class Load {
  readonly creations: Creation[] = [];
  users: User[] = [];
  readonly #world: World;
  readonly #random: Random;
  readonly #tasks = new Set<Promise<void>>();
  #hasKeys = false;
  #isOver = false;
  #isAborted = false;
  /** What an API should not have answered. */
  readonly faults: string[] = [];

  constructor(world: World, random: Random) {
    this.#world = world;
    this.#random = random;
  }

  /** While all is well. */
  async open(users: number): Promise<void> {
    const url = await this.#world.replicas[0]?.ready();
    for (let nth = 0; nth < users; nth += 1) this.users.push(await signUp(String(url)));
    const [first] = this.users;
    const { data } = (await first?.ask(INPUT_FIELDS)) ?? {};
    this.#hasKeys = data?.__type.inputFields.some(({ name }: { name: string }) => name === 'idempotencyKey') ?? false;
    for (const [nth, user] of this.users.entries()) this.#do(this.#work(user, nth, this.#random.fork()));
  }

  get hasKeys(): boolean {
    return this.#hasKeys;
  }

  /** Whether everybody has something that was acknowledged. */
  get isAtWork(): boolean {
    return this.users.every((user) =>
      this.creations.some((creation) => creation.user === user && creation.id !== undefined),
    );
  }

  /** Nothing new is asked for; what was begun is brought to its end. */
  stop(): void {
    this.#isOver = true;
  }

  /** Whether everybody has been answered, and whoever watches has seen the end. */
  get isIdle(): boolean {
    return this.#tasks.size === 0;
  }

  /** Gives up whatever is not answered yet. */
  abort(): void {
    this.#isOver = true;
    this.#isAborted = true;
  }

  /** How many of everybody's are not final. */
  async unfinished(): Promise<number> {
    const counts = await Promise.all(this.users.map((user) => this.#unfinishedOf(user, this.#random)));
    return counts.reduce((sum, count) => sum + count, 0);
  }

  #do(task: Promise<void>): void {
    const done = task
      .catch((error) => void this.faults.push(String(error?.stack ?? error)))
      .finally(() => this.#tasks.delete(done));
    this.#tasks.add(done);
  }

  async #work(user: User, nth: number, random: Random): Promise<void> {
    const rarities = this.#world.backends.flatMap((backend) => backend.rarities);
    for (let count = 1; !this.#isOver; count += 1) {
      // All that is chosen is chosen here, so that no answer changes what comes next.
      const fails = random.chance(0.08);
      const creation: Creation = {
        user,
        prompt: `picture ${count} of user ${nth + 1}`,
        images: random.chance(0.25) ? random.between(2, 3) : 1,
        fails,
        rarity: random.chance(0.25) && rarities.length > 0 ? random.pick(rarities) : undefined,
        unanswered: 0,
        cancelAsked: false,
        deleteAsked: false,
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
        if (plan.watchers) this.#do(this.#watch(creation, own.fork()));
        if (plan.cancelAfter !== undefined) this.#do(this.#cancel(creation, plan.cancelAfter, own.fork()));
        if (plan.deleteAfter !== undefined) this.#do(this.#delete(creation, plan.deleteAfter, own.fork()));
      }
      await sleep(pause);
    }
  }

  async #create(creation: Creation, steps: number, random: Random): Promise<void> {
    const { user } = creation;
    this.creations.push(creation);
    const input = this.#inputOf(creation, steps);
    while (!this.#isAborted) {
      const reply = await ask(this.#world, random, user.token, CREATE, { input });
      if (reply.came) {
        creation.id = reply.answer.data?.createGeneration?.id;
        if (creation.id === undefined) this.faults.push(`A create was answered ${JSON.stringify(reply.answer)}`);
        return;
      }
      if (reply.sent) creation.unanswered += 1;
      // Without a key to recognise it by, a second one might make a second generation.
      if (reply.sent && !this.#hasKeys) return;
      await sleep(RETRY_AFTER_MS);
    }
  }

  /** Somebody who does not believe the answer asks once more, with the same key: it is the same generation. */
  async #createAgain(creation: Creation, steps: number, random: Random): Promise<void> {
    const { id, user } = creation;
    const reply = await ask(this.#world, random, user.token, CREATE, { input: this.#inputOf(creation, steps) });
    if (reply.came && reply.answer.data?.createGeneration?.id !== id)
      this.faults.push(`The key of ${id} was answered with ${JSON.stringify(reply.answer)}`);
  }

  #inputOf({ prompt, images: batchSize, rarity }: Creation, steps: number): object {
    const key = this.#hasKeys && { idempotencyKey: prompt };
    return { prompt, steps, width: 64, height: 64, batchSize, ...rarity?.input, ...key };
  }

  async #watch(creation: Creation, random: Random): Promise<void> {
    creation.watcher = new Watcher(creation);
    await creation.watcher.watch(this.#world, random, () => this.#isAborted);
  }

  async #cancel(creation: Creation, afterMs: number, random: Random): Promise<void> {
    await sleep(afterMs);
    creation.cancelAsked = true;
    await this.#insist(creation, CANCEL, random);
  }

  async #delete(creation: Creation, afterMs: number, random: Random): Promise<void> {
    await sleep(afterMs);
    creation.deleteAsked = true;
    creation.isDeleted = await this.#insist(creation, DELETE, random);
  }

  /** Asks until it is answered; whether it was. That it is gone is an answer, where somebody asked for its deletion. */
  async #insist(creation: Creation, document: string, random: Random): Promise<boolean> {
    while (!this.#isAborted) {
      const reply = await ask(this.#world, random, creation.user.token, document, { id: creation.id });
      if (!reply.came) {
        await sleep(RETRY_AFTER_MS);
        continue;
      }
      const isGone = creation.deleteAsked && codesOf(reply.answer).includes('NOT_FOUND');
      if (reply.answer.errors && !isGone)
        this.faults.push(`${document} of ${creation.id} was answered ${JSON.stringify(reply.answer)}`);
      return true;
    }
    return false;
  }

  async #unfinishedOf({ token }: User, random: Random): Promise<number> {
    while (!this.#isAborted) {
      const reply = await ask(this.#world, random, token, UNFINISHED, {});
      const count = reply.came ? reply.answer.data?.generations?.totalCount : undefined;
      if (typeof count === 'number') return count;
      await sleep(RETRY_AFTER_MS);
    }
    return 0;
  }
}
