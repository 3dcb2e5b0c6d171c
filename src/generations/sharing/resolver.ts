/** The mutations that share a generation, and its share. */
import { Arg, Ctx, FieldResolver, ID, Mutation, Resolver, Root } from 'type-graphql';
import { requireViewer } from '../../accounts/viewer.js';
import { Share } from '../../assets/shares/share.js';
import type { ShareRow } from '../../assets/shares/share-rows.js';
import type { GenerationsContext } from '../context.js';
import { Generation } from '../generation.js';
import type { GenerationRow } from '../generation-rows.js';
import { GenerationStatus } from '../status.js';
import { shareGeneration, unshareGeneration } from './share.js';

@Resolver(() => Generation)
export class SharingResolver {
  @FieldResolver(() => Share, {
    nullable: true,
    description: 'Its public link, also after that has expired; null if it is not shared.',
  })
  share(
    @Root() { id, status }: GenerationRow,
    @Ctx() { loaders }: GenerationsContext,
  ): Promise<ShareRow | null> | null {
    return status === GenerationStatus.COMPLETED ? loaders.shares.load(id) : null;
  }

  @Mutation(() => Generation, {
    nullable: true,
    description:
      'Makes a public link to a COMPLETED generation (else CONFLICT). Sharing again keeps the token and sets the expiry.',
  })
  async shareGeneration(
    @Arg('id', () => ID, { description: "The generation's id." }) id: string,
    @Arg('expiresAt', () => Date, {
      nullable: true,
      description:
        'When the link stops working: 30 days from now when left out, never when null. In the past it is BAD_USER_INPUT.',
    })
    expiresAt: Date | null | undefined,
    @Ctx() context: GenerationsContext,
  ): Promise<GenerationRow> {
    return await shareGeneration(requireViewer(context), id, expiresAt, context);
  }

  @Mutation(() => Generation, {
    nullable: true,
    description:
      'Takes the public link back: it does not work from now on. A later link has another token. Returns a generation that is not shared unchanged.',
  })
  async unshareGeneration(
    @Arg('id', () => ID, { description: "The generation's id." }) id: string,
    @Ctx() context: GenerationsContext,
  ): Promise<GenerationRow> {
    return await unshareGeneration(requireViewer(context), id, context);
  }
}
