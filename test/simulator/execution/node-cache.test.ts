import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import type { Graph, HistoryEntry } from '../../../src/comfyui/protocol/protocol.js';
import { call, card, closeAfterEach, listen, run, start, submit } from '../support.js';

closeAfterEach();

function cached({ status }: HistoryEntry): string[] {
  const [type, data] = status.messages[1] ?? [];
  if (type !== 'execution_cached') throw new Error('The second message must be execution_cached');
  return data.nodes;
}
function file({ outputs }: HistoryEntry, node = '3'): string {
  return String((outputs[node]?.images?.[0] as { filename?: string } | undefined)?.filename);
}

test('an unchanged graph runs no node and reports the old file again', async () => {
  const simulator = await start();
  const graph = card();
  const first = await run(simulator, graph);
  const listener = await listen(simulator, 'me');
  const second = await submit(simulator, graph, { client_id: 'me' });
  await listener.hearsEnd(second);
  expect(listener.types().filter((type) => type !== 'status')).toEqual([
    'execution_start',
    'execution_cached',
    'executed',
    'progress_state',
    'execution_success',
    'executing',
  ]);
  expect(listener.of('executed')).toMatchObject([{ node: '3', output: { images: [{ filename: file(first) }] } }]);
});

test('the cache ignores node ids, but not undeclared constants', async () => {
  const simulator = await start();
  const { '1': image, '3': save } = card({ prefix: 'x' });
  if (!image || !save) throw new Error('A card has two nodes');
  const first = await run(simulator, { '1': image, '3': save });
  const renamed = await run(simulator, { a: image, b: { ...save, inputs: { ...save.inputs, images: ['a', 0] } } });
  expect(cached(renamed)).toEqual(['a', 'b']);
  expect(file(renamed, 'b')).toBe(file(first));
  const salted = await run(simulator, { '1': image, '3': { ...save, inputs: { ...save.inputs, nonce: 5 } } });
  expect(cached(salted)).toEqual(['1']);
  expect(file(salted)).toBe('x_00002_.png');
});

test('the classic cache keeps only results that the next prompt shares; a large cache keeps all', async () => {
  const [a, b] = [card({ prefix: 'a' }), card({ prefix: 'b' })];
  for (const [cacheMode, again] of [
    ['classic', []],
    ['keep', ['1', '3']],
    ['none', []],
  ] as const) {
    const simulator = await start({ cacheMode });
    await run(simulator, a);
    await run(simulator, b);
    expect(cached(await run(simulator, a))).toEqual(again);
    expect(cached(await run(simulator, a))).toEqual(cacheMode === 'none' ? [] : ['1', '3']);
  }
});

test('an image with changed bytes is loaded again', async () => {
  const simulator = await start();
  const path = join(simulator.directory, 'input', 'a.png');
  const paint = (background: string) =>
    sharp({ create: { width: 8, height: 8, channels: 3, background } })
      .png()
      .toFile(path);
  const graph: Graph = {
    '1': { class_type: 'LoadImage', inputs: { image: 'a.png' } },
    '2': { class_type: 'PreviewImage', inputs: { images: ['1', 0] } },
  };
  await paint('red');
  await run(simulator, graph);
  expect(cached(await run(simulator, graph))).toEqual(['1', '2']);
  await paint('blue');
  expect(cached(await run(simulator, graph))).toEqual([]);
});

test('POST /free clears the cache', async () => {
  const simulator = await start();
  const graph = card();
  await run(simulator, graph);
  await call(simulator, '/free', { unload_models: true });
  expect(cached(await run(simulator, graph))).toEqual(['1', '3']);
  await call(simulator, '/free', { free_memory: true });
  expect(cached(await run(simulator, graph))).toEqual([]);
});

test('history lists all cached outputs in 0.3.64, and only reported outputs in newer versions', async () => {
  for (const [version, nodes] of [
    ['0.3.64', ['3', '4']],
    ['0.8.0', ['4']],
  ] as const) {
    const simulator = await start({ version });
    const graph: Graph = {
      ...card({ prefix: 'both' }),
      '4': { class_type: 'PreviewImage', inputs: { images: ['1', 0] } },
    };
    await run(simulator, graph);
    const partly = await run(simulator, graph, { partial_execution_targets: ['4'] });
    expect(Object.keys(partly.outputs)).toEqual(nodes);
  }
});

test('a preview node keeps the letters of its file name across prompts and continues its counter', async () => {
  const simulator = await start();
  const graph = (color: number): Graph => ({
    '1': { class_type: 'EmptyImage', inputs: { width: 8, height: 8, batch_size: 1, color } },
    '2': { class_type: 'PreviewImage', inputs: { images: ['1', 0] } },
  });
  const [first, second] = [file(await run(simulator, graph(1)), '2'), file(await run(simulator, graph(2)), '2')];
  expect(first).toMatch(/^ComfyUI_temp_[a-z]{5}_00001_\.png$/);
  expect(second).toBe(first.replace('00001', '00002'));
});

describe('the counter of a file name', () => {
  const name = async (prefix: string, files: string[] = []) => {
    const simulator = await start();
    for (const each of files) await writeFile(join(simulator.directory, 'output', each), '');
    const { outputs } = await run(simulator, card({ prefix }));
    return outputs['3']?.images?.[0];
  };

  test('is one more than the highest in the folder', async () => {
    expect(await name('x', ['x_00007_.png', 'x_00003_.png', 'xy_00009_.png'])).toMatchObject({
      filename: 'x_00008_.png',
    });
    expect(await name('x', ['x_123456_.png'])).toMatchObject({ filename: 'x_123457_.png' });
  });

  test('counts in the subfolder of the prefix', async () => {
    expect(await name('a/../b/c')).toEqual({ filename: 'c_00001_.png', subfolder: 'b', type: 'output' });
    expect(await name('job1/')).toEqual({ filename: 'job1_00001_.png', subfolder: '', type: 'output' });
    expect(await name('')).toEqual({ filename: '._00001_.png', subfolder: '', type: 'output' });
    expect(await name('ü ö')).toMatchObject({ filename: 'ü ö_00001_.png' });
  });

  test('follows a prefix whose known tokens are replaced', async () => {
    expect(await name('%width%x%height%_%batch_num%_%Node.widget%')).toMatchObject({
      filename: '32x32_0_%Node.widget%_00001_.png',
    });
  });

  test('continues within a batch, even with %batch_num% in the prefix', async () => {
    const simulator = await start();
    for (const [prefix, names] of [
      ['%batch_num%', ['0_00001_.png', '1_00002_.png']],
      ['job1/', ['job1_00001_.png', 'job1_00002_.png']],
    ] as const) {
      const graph = card({ prefix });
      Object.assign(graph['1']?.inputs ?? {}, { batch_size: 2 });
      const { outputs } = await run(simulator, graph);
      expect(outputs['3']?.images).toMatchObject(names.map((filename) => ({ filename })));
    }
  });

  test('a prefix outside the output folder fails at execution', async () => {
    const simulator = await start();
    const { status } = await run(simulator, card({ prefix: '../../x' }));
    expect(status.messages.at(-1)).toMatchObject([
      'execution_error',
      { node_id: '3', exception_type: 'Exception', exception_message: expect.stringContaining('not allowed') },
    ]);
  });
});
