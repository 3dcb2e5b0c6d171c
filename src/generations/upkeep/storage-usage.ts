/** What a user's generations and uploads take of the storage. */
import { Ctx, Field, Float, Int, ObjectType, Query, Resolver } from 'type-graphql';
import { requireViewer } from '../../accounts/viewer.js';
import type { GenerationsContext } from '../context.js';
import { countExpired } from './expired.js';

@ObjectType({
  description:
    'What the viewer has stored, and how much of it is kept. The operator may limit that; beyond a limit, the oldest ended generations are deleted.',
})
class StorageUsage {
  @Field(() => Int, { description: "The number of the viewer's generations." })
  generations!: number;

  @Field(() => Float, {
    description: 'Bytes of results, uploads and inputs. The same bytes are stored and counted once.',
  })
  byteSize!: number;

  @Field(() => Int, { description: 'How many generations the next hourly sweep would delete.' })
  expiring!: number;

  @Field(() => Int, {
    nullable: true,
    description: 'For how many days a generation is kept after its creation; null for ever.',
  })
  keepsDays!: number | null;

  @Field(() => Int, { nullable: true, description: 'How many ended generations are kept, the newest; null for all.' })
  keepsCount!: number | null;

  @Field(() => Float, { nullable: true, description: 'How many bytes of results are kept, the newest; null for all.' })
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
    const { days, count, bytes } = context.retention;
    return {
      ...used,
      expiring: await countExpired(context.em, id, context.retention),
      keepsDays: days ?? null,
      keepsCount: count ?? null,
      keepsBytes: bytes ?? null,
    };
  }
}
