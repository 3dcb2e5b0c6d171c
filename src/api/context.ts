/** The context of an operation: the caller, an entity manager of its own, and the long-lived services. */
import type { MikroORM } from '@mikro-orm/postgresql';
import type { AccountsContext } from '../accounts/context.js';
import type { Viewer } from '../accounts/viewer.js';
import type { AssetsContext } from '../assets/context.js';
import type { BackendsContext } from '../backends/context.js';
import { createLoaders } from '../generations/api/loaders.js';
import type { GenerationsContext } from '../generations/context.js';
import type { AddressOf } from '../limits/client-address.js';
import type { WorkflowsContext } from '../workflows/context.js';

export type Context = AccountsContext &
  WorkflowsContext &
  BackendsContext &
  AssetsContext &
  GenerationsContext & {
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

export function createContext(
  services: Services,
  viewer: Viewer | undefined,
  requestId: string,
  address: string,
  userAgent: string | null = null,
): Context {
  let em: Context['em'] | undefined;
  let loaders: Context['loaders'] | undefined;
  const context: Context = {
    ...services,
    viewer,
    requestId,
    address,
    userAgent,
    renew: renewal(services, requestId, address),
    // Most events of a subscription read nothing: a thousand subscribers would create a thousand of each, for every event.
    get em() {
      em ??= services.orm.em.fork();
      return em;
    },
    // Fields take the loaders out of the context before they know whether they need one.
    loaders: new Proxy({} as Context['loaders'], {
      get: (_, name: keyof Context['loaders']) => {
        loaders ??= createLoaders(context.em, services.reads, services);
        return loaders[name];
      },
    }),
  };
  return context;
}
