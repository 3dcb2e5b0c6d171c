/**
 * The recipes in examples/ for clients with a cache, against the real server.
 *
 * @slow: starts processes, compilers among them.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startTestApp, type TestApp } from '../support/app.js';
import { signUp } from '../support/client.js';
import { ROOT } from './markdown.js';

const ADDRESS = 'http://127.0.0.1:4000';
const EXAMPLES = new URL('examples/', ROOT);
const MODULES = fileURLToPath(new URL('node_modules/', ROOT));
const execute = promisify(execFile);
/** Some clients are not among the packages of the project. */
const withPackages = (...names: string[]) =>
  names.every((name) => existsSync(join(MODULES, name))) ? test : test.skip; // without the packages

let app: TestApp;
let folder: string;
beforeAll(async () => {
  app = await startTestApp();
  folder = await mkdtemp(join(tmpdir(), 'comfygraph-recipes-'));
  await cp(EXAMPLES, folder, { recursive: true });
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if (/js$/.test(name)) await writeFile(path, (await readFile(path, 'utf8')).replaceAll(ADDRESS, app.url));
  }
  await symlink(MODULES, join(folder, 'node_modules'), 'junction');
});
afterAll(async () => {
  await app?.close();
  await rm(folder, { recursive: true, force: true });
});

/** Runs a script beside the examples, for somebody who has signed in. What it prints is JSON. */
async function run(name: string, script: (session: string) => string): Promise<unknown> {
  const { token: accessToken, refreshToken } = await signUp(app.url);
  await writeFile(join(folder, name), script(JSON.stringify({ accessToken, refreshToken })));
  const { stdout, stderr } = await execute(process.execPath, [name], { cwd: folder, timeout: 50_000 });
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

/** The gallery before anything; once it is created; at its end; when it is deleted. */
const EXPECTED = [[], ['x PENDING 0'], ['x COMPLETED 1'], []];
const INPUT = '{ prompt: "x", width: 64, height: 64, steps: 1 }';
const SHOW = `const show = ({ generations }) => generations.edges.map(({ node }) =>
  node.prompt + ' ' + node.status.replace('PROCESSING', 'PENDING') + ' ' + (node.result?.images?.length ?? 0));`;

withPackages('@apollo/client')('Apollo Client: the gallery follows creations, results and deletions', async () => {
  const seen = await run(
    'apollo-use.mjs',
    (session) => `
      import { create, GALLERY, openApollo, remove, watch } from './apollo.mjs';
      ${SHOW}
      const { client, socket } = openApollo(${session});
      const seen = [show((await client.query({ query: GALLERY })).data)];
      const look = async () => seen.push(show((await client.query({ query: GALLERY, fetchPolicy: 'cache-only' })).data));
      const id = await create(client, ${INPUT});
      await look();
      await watch(client, id);
      await look();
      await remove(client, id);
      await look();
      console.log(JSON.stringify(seen));
      client.stop();
      await socket.dispose();`,
  );
  expect(seen).toEqual(EXPECTED);
});

withPackages('@urql/exchange-graphcache')('urql: the gallery follows creations, results and deletions', async () => {
  const seen = await run(
    'urql-use.mjs',
    (session) => `
      import { create, GALLERY, openUrql, remove, watch } from './urql.mjs';
      ${SHOW}
      const { client, socket } = openUrql(${session});
      const seen = [];
      const look = async (requestPolicy = 'cache-only') =>
        seen.push(show((await client.query(GALLERY, {}, { requestPolicy }).toPromise()).data));
      await look('cache-first');
      const id = await create(client, ${INPUT});
      await look();
      const { unsubscribe } = await new Promise((resolve) => {
        const watching = watch(client, id, (state) => {
          if (state?.status === 'COMPLETED') setImmediate(() => resolve(watching));
        });
      });
      unsubscribe();
      await look();
      await remove(client, id);
      await look();
      console.log(JSON.stringify(seen));
      await socket.dispose();`,
  );
  expect(seen).toEqual(EXPECTED);
});

withPackages('@graphql-codegen/cli', '@graphql-codegen/typescript')('codegen: every scalar has a type', async () => {
  const cli = join(MODULES, '@graphql-codegen/cli/cjs/bin.js');
  await execute(process.execPath, [cli, '--config', 'codegen.mjs', '--silent'], { cwd: folder, timeout: 50_000 });
  const types = await readFile(join(folder, 'api.ts'), 'utf8');
  expect(types).toContain('DateTime: { input: string; output: string; }');
  expect(types).toContain('Seed: { input: string | number; output: string; }');
  expect(types).toContain('JSON: { input: unknown; output: unknown; }');
  expect(types).not.toContain('input: any');
});

/** As babel-plugin-relay does: in place of a document its compiled artifact. */
async function compileRelay(): Promise<void> {
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  await cp(new URL('schema.graphql', ROOT), join(folder, 'schema.graphql'));
  const config = { src: '.', schema: './schema.graphql', language: 'javascript', eagerEsModules: true };
  await writeFile(join(folder, 'relay.config.json'), JSON.stringify(config));
  const cli = join(MODULES, 'relay-compiler/cli.js');
  await execute(process.execPath, [cli], { cwd: folder, timeout: 50_000 });
  const path = join(folder, 'relay.js');
  const names: string[] = [];
  const compiled = (await readFile(path, 'utf8')).replace(
    /graphql`\s*(?:query|mutation|subscription) (\w+)[^`]*`/g,
    (_, name) => {
      names.push(name);
      return name;
    },
  );
  const imports = names.map((name) => `import ${name} from './__generated__/${name}.graphql.js';\n`);
  await writeFile(path, imports.join('') + compiled);
}

withPackages('relay-runtime', 'relay-compiler')(
  'Relay: the gallery follows creations, results and deletions',
  async () => {
    await compileRelay();
    const seen = await run(
      'relay-use.mjs',
      (session) => `
        import relay from 'relay-runtime';
        import { create, GALLERY, openRelay, remove, watch } from './relay.js';
        ${SHOW}
        const { environment, socket } = openRelay(${session});
        const operation = relay.createOperationDescriptor(relay.getRequest(GALLERY), {});
        environment.retain(operation);
        await relay.fetchQuery(environment, GALLERY, {}).toPromise();
        const seen = [];
        const look = () => seen.push(show(environment.lookup(operation.fragment).data));
        look();
        const id = await create(environment, ${INPUT});
        look();
        await watch(environment, id);
        look();
        await remove(environment, id);
        look();
        console.log(JSON.stringify(seen));
        await socket.dispose();`,
    );
    expect(seen).toEqual(EXPECTED);
  },
);
