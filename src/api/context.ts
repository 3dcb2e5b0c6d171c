/** The context of an operation: the caller, an entity manager of its own, and the long-lived services. */
import type { MikroORM } from '@mikro-orm/postgresql';
import type { AccountsContext } from '../accounts/context.js';
import type { Viewer } from '../accounts/viewer.js';
import type { AssetsContext } from '../assets/context.js';
import type { BackendsContext } from '../backends/context.js';
import type { DeliveriesContext } from '../deliveries/context.js';
import { createLoaders } from '../generations/api/loaders.js';
import type { GenerationsContext } from '../generations/context.js';
import type { AddressOf } from '../limits/client-address.js';
import type { WorkflowsContext } from '../workflows/context.js';

export type Context = AccountsContext &
  WorkflowsContext &
  BackendsContext &
  AssetsContext &
  GenerationsContext &
  DeliveriesContext & {
    /** Also in the log, and in every response that hides an internal error. */
    requestId: string;
    orm: MikroORM;
    /** Creates a context for the same request that has read nothing yet. */
    renew: (viewer: Viewer | undefined) => Context;
    /** Returns the client address of a request. */
    addressOf: AddressOf;
  };

/** Created once, in `app.ts`. */
export type Services = Omit<Context, 'viewer' | 'em' | 'loaders' | 'requestId' | 'address' | 'userAgent' | 'renew'>;

/** In a scope of its own: a subscription holds it for long, and not what its start has read. */
const renewal =
  (services: Services, requestId: string, address: string): Context['renew'] =>
  (viewer) =>
    createContext(services, viewer, requestId, address);

export const createContext = (
  services: Services,
  viewer: Viewer | undefined,
  requestId: string,
  address: string,
  userAgent: string | null = null,
): Context =>
  Object.assign(Object.create(prototypeOf(services)), {
    viewer,
    requestId,
    address,
    userAgent,
    renew: renewal(services, requestId, address),
  });

const prototypes = new WeakMap<Services, object>();

/** The services are inherited, not copied: a context is created for every request and every event. */
function prototypeOf(services: Services): object {
  const known = prototypes.get(services);
  if (known) return known;
  const created = Object.create(services, {
    em: createdOnce('em', () => services.orm.em.fork()),
    loaders: createdOnce('loaders', ({ em, reads }) => createLoaders(em, reads, services)),
  });
  prototypes.set(services, created);
  return created;
}

/** Fields take it out of the context only where they read with it: most events read nothing. A copy of the context, as Apollo makes, creates its own. */
const createdOnce = <Name extends 'em' | 'loaders'>(
  name: Name,
  create: (context: Context) => Context[Name],
): PropertyDescriptor => ({
  get(this: Context) {
    const value = create(this);
    Object.defineProperty(this, name, { value });
    return value;
  },
});
