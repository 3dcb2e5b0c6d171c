/** Apollo Server, type-graphql and MikroORM, put together as their guides do. Serves the same page and the same creation as the API. */
import 'reflect-metadata';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { ReflectMetadataProvider } from '@mikro-orm/decorators/legacy';
import { MikroORM } from '@mikro-orm/postgresql';
import { buildSchema } from 'type-graphql';
import { Generation, Image, Model, Result } from './entities.js';
import { type Context, GenerationResolver, ImageResolver } from './resolver.js';

const { DATABASE_URL = '', USER_ID = '', POOL_SIZE } = process.env;

const orm = await MikroORM.init({
  clientUrl: DATABASE_URL,
  entities: [Model, Generation, Result, Image],
  metadataProvider: ReflectMetadataProvider,
  pool: { max: Number(POOL_SIZE) },
});
const schema = await buildSchema({ resolvers: [GenerationResolver, ImageResolver], validate: false });
const server = new ApolloServer<Context>({ schema });
const { url } = await startStandaloneServer(server, {
  listen: { port: 0, host: '127.0.0.1' },
  context: async () => ({ em: orm.em.fork(), userId: USER_ID }),
});
process.stdout.write(`ready: ${url}\n`);
