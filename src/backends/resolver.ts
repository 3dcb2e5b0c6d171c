/** What ComfyUI servers and models there are. */
import { Arg, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import { Role } from '../accounts/user.js';
import { requireViewer } from '../accounts/viewer.js';
import type { Context } from '../graphql/context.js';
import { Backend } from './backend.js';
import { Model, ModelKind } from './model.js';
import { listModels, type ModelRow } from './models.js';

@Resolver(() => Model)
export class ModelsResolver {
  @Query(() => [Model], { nullable: true, description: 'The models that backends offer, or offered, by name.' })
  models(
    @Arg('kind', () => ModelKind, { nullable: true, description: 'Only these.' }) kind: ModelKind | null,
    @Ctx() context: Context,
  ): Promise<ModelRow[]> {
    requireViewer(context);
    return listModels(context.em, kind);
  }

  @FieldResolver(() => Boolean, { description: 'Whether a backend that is online offers it now.' })
  available(@Root() model: ModelRow): boolean {
    return model.available;
  }
}

@Resolver(() => Backend)
export class BackendsResolver {
  @Query(() => [Backend], {
    nullable: true,
    description: 'The ComfyUI servers that work for this one, in the order in which they are configured.',
  })
  async backends(@Ctx() context: Context): Promise<Backend[]> {
    requireViewer(context);
    const ids = context.backends.ids();
    const found = new Map((await context.em.find(Backend, { id: { $in: ids } })).map((each) => [each.id, each]));
    return ids.flatMap((id) => found.get(id) ?? []);
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'Why it is not online. This and the next two are null but for admins.',
  })
  reason(@Root() backend: Backend, @Ctx() context: Context): string | null {
    return forAdmins(context, backend.reason);
  }

  @FieldResolver(() => String, { nullable: true, description: 'Of ComfyUI.' })
  version(@Root() backend: Backend, @Ctx() context: Context): string | null {
    return forAdmins(context, backend.version);
  }

  @FieldResolver(() => String, { nullable: true, description: 'What it computes on.' })
  device(@Root() backend: Backend, @Ctx() context: Context): string | null {
    return forAdmins(context, backend.device);
  }
}

const forAdmins = <T>({ viewer }: Context, value: T): T | null => (viewer?.role === Role.ADMIN ? value : null);
