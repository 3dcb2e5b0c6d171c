/** Failure messages: what went wrong and where in the graph, without paths of the backend. */
import 'reflect-metadata';
import { PromptRefusedError } from '../../../src/comfyui/index.js';
import { failureOfError, failureOfRejection } from '../../../src/generations/job/failure-messages.js';

const errorOf = (exception_message: string, exception_type = 'RuntimeError') =>
  failureOfError({
    prompt_id: 'p',
    node_id: '3',
    node_type: 'KSampler',
    executed: [],
    exception_message,
    exception_type,
    traceback: ['  File "/opt/ComfyUI/execution.py", line 1'],
    current_inputs: {},
    current_outputs: [],
  });

test.each([
  [
    'mat1 and mat2 shapes cannot be multiplied (1x2 and 3x4)',
    'mat1 and mat2 shapes cannot be multiplied (1x2 and 3x4)',
  ],
  ['Cannot open /opt/ComfyUI/models/x.safetensors', 'Cannot open …'],
  ['Cannot open /opt/ComfyUI/models/x.safetensors: gone', 'Cannot open …: gone'],
  ["No such file: '/home/john smith/ComfyUI/x.png' (2)", "No such file: '…' (2)"],
  ['No such file: "C:\\Users\\John Smith\\x.png"', 'No such file: "…"'],
  ['No such file: C:\\Users\\op\\ComfyUI\\x.png', 'No such file: …'],
  ["No such file: 'C:/Users/op/ComfyUI/x.png'", "No such file: '…'"],
  ['No such file: \\\\server\\share\\x.png', 'No such file: …'],
  ['(see /usr/lib/python3/site-packages/torch/nn.py)', '(see …)'],
  ['Value not in list: sub/model.safetensors', 'Value not in list: sub/model.safetensors'],
  ['1/2 of a and/or b', '1/2 of a and/or b'],
  ['It broke\nTraceback (most recent call last):\n  File "/opt/x/y.py", line 3', 'It broke'],
  ['  spaces around  \n', 'spaces around'],
])('the message %j becomes %j', (message, shown) => {
  expect(errorOf(message)).toEqual({
    code: 'EXECUTION_ERROR',
    message: `KSampler: ${shown}`,
    nodeId: '3',
    nodeType: 'KSampler',
    retryable: false,
  });
});

test('a message has a maximum length', () => {
  expect(errorOf('x'.repeat(10_000)).message.length).toBeLessThanOrEqual(500);
});

test('an out-of-memory error is recognized by its type, and is retryable', () => {
  expect(errorOf('Allocation on device 0', 'torch.OutOfMemoryError')).toMatchObject({
    code: 'OUT_OF_MEMORY',
    retryable: true,
  });
});

const fault = (message: string, details: string, extra_info = {}) => ({ type: 'x', message, details, extra_info });

test.each([
  [
    'the first node at fault',
    new PromptRefusedError(fault('Outputs failed', ''), {
      '4': {
        errors: [fault('Value not in list', 'ckpt_name')],
        dependent_outputs: ['9'],
        class_type: 'CheckpointLoaderSimple',
      },
    }),
    {
      nodeId: '4',
      nodeType: 'CheckpointLoaderSimple',
      message: 'ComfyUI rejected the graph: Value not in list: ckpt_name',
    },
  ],
  [
    'the node of an unknown class, as newer servers report it',
    new PromptRefusedError(fault('Node missing', 'n', { node_id: '7', class_type: 'Nope' }), {}),
    { nodeId: '7', nodeType: 'Nope' },
  ],
  [
    'the node of an unknown class, as older servers report it',
    new PromptRefusedError(fault('Node missing', "Node ID '#7'"), {}),
    { nodeId: '7', nodeType: null },
  ],
  [
    'no node where none is at fault',
    new PromptRefusedError(fault('Prompt has no outputs', ''), {}),
    { nodeId: null, nodeType: null },
  ],
])('a rejection names %s', (_, refused, shown) => {
  expect(failureOfRejection(refused)).toMatchObject({ code: 'INVALID_WORKFLOW', retryable: false, ...shown });
});

test.each([' ', "'/", "'/a/", 'CUDA ', 'GLIBC', '/a'])(
  'a message that repeats a text of the graph full of %j is read at once',
  (part) => {
    const { code, message } = errorOf(`could not convert: ${part.repeat(100_000)}x`);
    expect([code, message.length <= 500]).toEqual(['EXECUTION_ERROR', true]);
  },
);
