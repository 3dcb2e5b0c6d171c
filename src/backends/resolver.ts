/** Queries and mutations of ComfyUI servers and models. */
import { Arg, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import { Role } from '../accounts/user.js';
import { requireAdmin, requireViewer } from '../accounts/viewer.js';
import { folderOfKind } from '../comfyui/index.js';
import { notFound } from '../graphql/errors.js';
import { ModelKind } from '../workflows/model-kind.js';
import { Backend } from './backend.js';
import { recordDraining } from './backend-rows.js';
import type { BackendsContext } from './context.js';
import { Model } from './model.js';
import { listModels, type ModelRow } from './model-rows.js';

@Resolver(() => Model)
export class ModelsResolver {
  @Query(() => [Model], {
    nullable: true,
    description: 'The models that backends offer or once offered, sorted by kind, folder and name.',
  })
  models(
    @Arg('kind', () => ModelKind, { nullable: true, description: 'Only models of this kind.' }) kind: ModelKind | null,
    @Ctx() context: BackendsContext,
  ): Promise<ModelRow[]> {
    requireViewer(context);
    return listModels(context.em, kind);
  }

  @FieldResolver(() => String, {
    nullable: true,
    description:
      'The folder of the file below `models` of ComfyUI, such as `loras`. Null if it is unknown: only the classes that load an OTHER know it.',
  })
  folder(@Root() { kind, folder }: ModelRow): string | null {
    return folderOfKind(kind) ?? (folder || null);
  }

  @FieldResolver(() => Boolean, { description: 'Whether a backend that is online offers the model now.' })
  available(@Root() model: ModelRow): boolean {
    return model.available;
  }
}

const NAME = { description: "The backend's name." };
const REFUSALS = 'FORBIDDEN for other users. NOT_FOUND if no backend with this name is configured.';

@Resolver(() => Backend)
export class BackendsResolver {
  @Query(() => [Backend], {
    nullable: true,
    description: 'The configured ComfyUI servers, in the order of the configuration.',
  })
  async backends(@Ctx() context: BackendsContext): Promise<Backend[]> {
    requireViewer(context);
    const ids = context.backends.ids();
    const found = new Map((await context.em.find(Backend, { id: { $in: ids } })).map((each) => [each.id, each]));
    return ids.flatMap((id) => found.get(id) ?? []);
  }

  @Mutation(() => Backend, {
    nullable: true,
    description: `For admins: the backend takes no new jobs, and finishes those it has. ${REFUSALS}`,
  })
  drainBackend(@Arg('name', () => String, NAME) name: string, @Ctx() context: BackendsContext): Promise<Backend> {
    return setDraining(context, name, true);
  }

  @Mutation(() => Backend, { nullable: true, description: `For admins: the backend takes new jobs again. ${REFUSALS}` })
  async resumeBackend(
    @Arg('name', () => String, NAME) name: string,
    @Ctx() context: BackendsContext,
  ): Promise<Backend> {
    const backend = await setDraining(context, name, false);
    context.runner.announce();
    return backend;
  }

  @FieldResolver(() => Boolean, {
    description:
      'Whether an admin asked that it takes no new jobs. If it is OFFLINE, it will be DRAINING when it is back.',
  })
  isDraining(@Root() { draining }: Backend): boolean {
    return draining;
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'Why it is OFFLINE. Admins only: null for other users.',
  })
  reason(@Root() backend: Backend, @Ctx() context: BackendsContext): string | null {
    return forAdmins(context, backend.reason);
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'The version of ComfyUI. Admins only: null for other users.',
  })
  version(@Root() backend: Backend, @Ctx() context: BackendsContext): string | null {
    return forAdmins(context, backend.version);
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'The device that it computes on. Admins only: null for other users.',
  })
  device(@Root() backend: Backend, @Ctx() context: BackendsContext): string | null {
    return forAdmins(context, backend.device);
  }
}

async function setDraining(context: BackendsContext, name: string, draining: boolean): Promise<Backend> {
  requireAdmin(context);
  const id = context.backends.named(name)?.id;
  if (id === undefined) throw notFound('backend');
  await recordDraining(context.em, id, draining);
  return await context.em.findOneOrFail(Backend, id, { refresh: true });
}

const forAdmins = <T>({ viewer }: BackendsContext, value: T): T | null => (viewer?.role === Role.ADMIN ? value : null);
