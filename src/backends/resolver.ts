/** What ComfyUI servers and models there are. */
import { Arg, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import { Role } from '../accounts/user.js';
import { requireAdmin, requireViewer } from '../accounts/viewer.js';
import { notFound } from '../graphql/errors.js';
import { Backend } from './backend.js';
import { recordDraining } from './backend-rows.js';
import type { BackendsContext } from './context.js';
import { Model, ModelKind } from './model.js';
import { listModels, type ModelRow } from './models.js';

@Resolver(() => Model)
export class ModelsResolver {
  @Query(() => [Model], { nullable: true, description: 'The models that backends offer, or offered, by name.' })
  models(
    @Arg('kind', () => ModelKind, { nullable: true, description: 'Only these.' }) kind: ModelKind | null,
    @Ctx() context: BackendsContext,
  ): Promise<ModelRow[]> {
    requireViewer(context);
    return listModels(context.em, kind);
  }

  @FieldResolver(() => Boolean, { description: 'Whether a backend that is online offers it now.' })
  available(@Root() model: ModelRow): boolean {
    return model.available;
  }
}

const NAME = { description: 'Of the backend.' };
const REFUSALS = 'FORBIDDEN for anybody else; NOT_FOUND for a name that is not configured.';

@Resolver(() => Backend)
export class BackendsResolver {
  @Query(() => [Backend], {
    nullable: true,
    description: 'The ComfyUI servers that work for this one, in the order in which they are configured.',
  })
  async backends(@Ctx() context: BackendsContext): Promise<Backend[]> {
    requireViewer(context);
    const ids = context.backends.ids();
    const found = new Map((await context.em.find(Backend, { id: { $in: ids } })).map((each) => [each.id, each]));
    return ids.flatMap((id) => found.get(id) ?? []);
  }

  @Mutation(() => Backend, {
    nullable: true,
    description: `For admins: it takes no new work; what it has goes on. ${REFUSALS}`,
  })
  drainBackend(@Arg('name', () => String, NAME) name: string, @Ctx() context: BackendsContext): Promise<Backend> {
    return setDraining(context, name, true);
  }

  @Mutation(() => Backend, { nullable: true, description: `For admins: it takes new work again. ${REFUSALS}` })
  async resumeBackend(
    @Arg('name', () => String, NAME) name: string,
    @Ctx() context: BackendsContext,
  ): Promise<Backend> {
    const backend = await setDraining(context, name, false);
    context.runner.announce();
    return backend;
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'Why it is not online. This and the next two are null but for admins.',
  })
  reason(@Root() backend: Backend, @Ctx() context: BackendsContext): string | null {
    return forAdmins(context, backend.reason);
  }

  @FieldResolver(() => String, { nullable: true, description: 'Of ComfyUI.' })
  version(@Root() backend: Backend, @Ctx() context: BackendsContext): string | null {
    return forAdmins(context, backend.version);
  }

  @FieldResolver(() => String, { nullable: true, description: 'What it computes on.' })
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
