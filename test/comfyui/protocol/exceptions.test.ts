/** Exceptions of nodes are classified by the messages of torch, drivers and operating systems. */
import { classifyError } from '../../../src/comfyui/index.js';

const classify = (exception_type: string, exception_message: string) =>
  classifyError({
    prompt_id: '',
    node_id: '1',
    node_type: 'KSampler',
    executed: [],
    exception_message,
    exception_type,
    traceback: [],
    current_inputs: {},
    current_outputs: [],
  });

test.each([
  ['torch.OutOfMemoryError', 'Allocation on device 0 would exceed allowed memory. (out of memory)'],
  ['torch.cuda.OutOfMemoryError', 'CUDA out of memory. Tried to allocate 2.00 GiB'],
  ['OutOfMemoryError', 'Allocation on device'],
  ['torch.AcceleratorError', 'CUDA error: out of memory\nCUDA kernel errors might be asynchronously reported'],
  ['torch.AcceleratorError', 'hipErrorOutOfMemory'],
  ['RuntimeError', 'CUDA error: out of memory'],
  ['RuntimeError', 'HIP out of memory. Tried to allocate 1.00 GiB'],
  ['RuntimeError', 'MPS backend out of memory (MPS allocated: 17.92 GB, other allocations: 1.10 GB)'],
  ['RuntimeError', 'Invalid buffer size: 20.25 GiB'],
  [
    'RuntimeError',
    "[enforce fail at alloc_cpu.cpp:118] err == 0. DefaultCPUAllocator: can't allocate memory: you tried",
  ],
  ['RuntimeError', 'DefaultCPUAllocator: not enough memory: you tried to allocate 34359738368 bytes.'],
  ['RuntimeError', 'Could not allocate tensor with 1073741824 bytes. There is not enough GPU video memory available!'],
  ['RuntimeError', 'CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`'],
  ['RuntimeError', 'cuDNN error: CUDNN_STATUS_ALLOC_FAILED'],
  ['RuntimeError', 'Native API failed. Native API returns: 39 (UR_RESULT_ERROR_OUT_OF_DEVICE_MEMORY)'],
  ['RuntimeError', 'std::bad_alloc'],
  ['RuntimeError', 'bad allocation'],
  ['MemoryError', ''],
  ['numpy.core._exceptions._ArrayMemoryError', 'Unable to allocate 3.00 GiB for an array with shape (1, 2)'],
  ['OSError', '[Errno 12] Cannot allocate memory'],
  ['OSError', 'The paging file is too small for this operation to complete. (os error 1455)'],
  ['onnxruntime.capi.onnxruntime_pybind11_state.RuntimeException', 'Failed to allocate memory for requested buffer'],
])('%s "%s" is OUT_OF_MEMORY', (type, message) => {
  expect(classify(type, message)).toBe('OUT_OF_MEMORY');
});

test.each([
  ['torch.AcceleratorError', 'CUDA error: an illegal memory access was encountered'],
  ['torch.AcceleratorError', 'CUDA error: no kernel image is available for execution on the device'],
  ['RuntimeError', 'CUDA error: device-side assert triggered'],
  ['RuntimeError', 'CUDA driver error: unknown error'],
  ['RuntimeError', 'HIP error: invalid device function'],
  ['RuntimeError', 'cuDNN error: CUDNN_STATUS_EXECUTION_FAILED'],
  ['RuntimeError', 'CUDA error: CUBLAS_STATUS_EXECUTION_FAILED when calling `cublasSgemm`'],
  ['RuntimeError', 'GET was unable to find an engine to execute this computation'],
  ['RuntimeError', 'Found no NVIDIA driver on your system.'],
  ['RuntimeError', 'No CUDA GPUs are available'],
  ['RuntimeError', 'The GPU device instance has been suspended.'],
  ['AssertionError', 'Torch not compiled with CUDA enabled'],
  ['NotImplementedError', "The operator 'aten::foo' is not currently implemented for the MPS device."],
  ['OSError', '[Errno 28] No space left on device'],
  ['OSError', '[Errno 122] Disk quota exceeded'],
  ['OSError', "[Errno 30] Read-only file system: '/out'"],
  ['PermissionError', "[Errno 13] Permission denied: '/out/a.png'"],
  ['OSError', '[WinError 112] There is not enough space on the disk'],
  ['OSError', '[Errno 24] Too many open files'],
  ['RuntimeError', 'PytorchStreamWriter failed writing file data/1: file write failed'],
  ['ModuleNotFoundError', "No module named 'insightface'"],
  ['ImportError', 'libGL.so.1: cannot open shared object file: No such file or directory'],
  ['AttributeError', "module 'torch' has no attribute 'float8_e4m3fn'"],
  ['safetensors_rust.SafetensorError', 'Error while deserializing header: HeaderTooLarge'],
  ['FileNotFoundError', "[Errno 2] No such file or directory: '/models/a.safetensors'"],
  ['requests.exceptions.ConnectionError', 'HTTPSConnectionPool: Max retries exceeded with url'],
])('%s "%s" is a fault of the SERVER', (type, message) => {
  expect(classify(type, message)).toBe('SERVER');
});

test.each([
  ['ValueError', 'width must be at least 16'],
  ['RuntimeError', 'mat1 and mat2 shapes cannot be multiplied (77x768 and 1024x320)'],
  ['RuntimeError', 'Expected all tensors to be on the same device, but found at least two devices, cuda:0 and cpu!'],
  ['TypeError', "execute() got an unexpected keyword argument 'extra'"],
  ['KeyError', "'samples'"],
  ['IndexError', 'list index out of range'],
  ['ValueError', 'not enough memory slots'],
  ['PIL.UnidentifiedImageError', 'cannot identify image file'],
])('%s "%s" is a fault of the NODE', (type, message) => {
  expect(classify(type, message)).toBe('NODE');
});
