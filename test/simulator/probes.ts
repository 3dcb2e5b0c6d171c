/** The custom nodes that the recorded servers had: slow, failing, blocking and expanding ones. */
import { ExecutionBlocker, PythonError, type SimulatedNode } from '../../src/simulator/index.js';

export const probes: Record<string, SimulatedNode> = {
  ProbeSlow: {
    input: {
      required: {
        image: ['IMAGE'],
        steps: ['INT', {}],
        seconds: ['FLOAT', {}],
        preview: ['BOOLEAN', {}],
        size: ['INT', {}],
        salt: ['INT', {}],
      },
    },
    output: ['IMAGE'],
    run: async ({ image, steps, preview, size }, run) => {
      const side = Number(size);
      const picture = { width: side, height: side, channels: 3, data: new Uint8Array(side * side * 3) } as const;
      for (let step = 1; step <= Number(steps); step++) {
        await run.simulateWork(run.stepMs);
        await run.progress(step, Number(steps), preview ? { ...picture } : undefined);
      }
      return { outputs: [image] };
    },
  },
  ProbeFail: {
    input: { required: { image: ['IMAGE'], salt: ['INT', {}] } },
    output: ['IMAGE'],
    run: () => {
      throw new PythonError('ValueError', 'probe failure');
    },
  },
  ProbeBlock: {
    input: { required: { image: ['IMAGE'], message: ['STRING', {}] } },
    output: ['IMAGE'],
    run: ({ message }) => ({ outputs: [new ExecutionBlocker(String(message))] }),
  },
  ProbeExpand: {
    input: { required: { image: ['IMAGE'], salt: ['INT', {}] } },
    output: ['IMAGE'],
    run: ({ image }) => ({
      expand: {
        graph: {
          '1': { class_type: 'ImageInvert', inputs: { image } },
          '2': { class_type: 'PreviewImage', inputs: { images: ['1', 0] } },
        },
        result: [['1', 0]],
      },
    }),
  },
};
