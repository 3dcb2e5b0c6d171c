/** What a user's generations and uploads take of the storage. */
import { Ctx, Field, Float, Int, ObjectType, Query, Resolver } from 'type-graphql';
import { requireViewer } from '../../accounts/viewer.js';
import type { GenerationsContext } from '../context.js';

@ObjectType({
  description:
    'What the viewer has stored. This server keeps results until they are deleted, so it has no limits to show.',
})
class StorageUsage {
  @Field(() => Int, { description: "The number of the viewer's generations." })
  generations!: number;

  @Field(() => Float, {
    description: 'Bytes of results, uploads and inputs. The same bytes are stored and counted once.',
  })
  byteSize!: number;

  @Field(() => Int, { description: 'Always 0: no generation is deleted by its age, number or size.' })
  expiring!: number;

  @Field(() => Int, { nullable: true, description: 'Always null: generations are kept for any time.' })
  keepsDays!: number | null;

  @Field(() => Int, { nullable: true, description: 'Always null: any number of generations is kept.' })
  keepsCount!: number | null;

  @Field(() => Float, { nullable: true, description: 'Always null: any size is kept.' })
  keepsBytes!: number | null;
}

const READ = `
  select (select count(*) from generations where user_id = ? and deleted_at is null)::int as generations,
    (select coalesce(sum(byte_size), 0) from blobs where user_id = ?)::float8 as "byteSize"`;

@Resolver()
export class StorageResolver {
  @Query(() => StorageUsage, {
    nullable: true,
    description: "How much the viewer's results and uploads take.",
    complexity: 1_000,
  })
  async storage(@Ctx() context: GenerationsContext): Promise<StorageUsage> {
    const { id } = requireViewer(context);
    const [used] = await context.em.execute<[Pick<StorageUsage, 'generations' | 'byteSize'>]>(READ, [id, id]);
    return { ...used, expiring: 0, keepsDays: null, keepsCount: null, keepsBytes: null };
  }
}
