/**
 * Classifies the exception that a node raised by its Python type and message. ComfyUI passes on the messages of torch, the driver, the
 * operating system and custom nodes, and each has its own spellings.
 */
import type { ExecutionError } from './protocol.js';

export type ErrorKind =
  /** Out of memory, on the accelerator or on the host. */
  | 'OUT_OF_MEMORY'
  /** A fault of the machine or its installation: driver, disk, packages, files. Another server may run the same graph. */
  | 'SERVER'
  /** Anything else: most likely a fault of the graph. */
  | 'NODE';

// Messages may repeat whole texts of a graph. Every repetition that something must follow has a bound, so that none is searched for minutes.
const OUT_OF_MEMORY_TYPE = /OutOfMemory|(^|\.|_)(Array)?MemoryError$/;
const OUT_OF_MEMORY = [
  /\bout of (\w+ )?memory\b/i,
  /OutOfMemory|ERROR_OUT_OF_\w{0,20}MEMORY|cudaErrorMemoryAllocation|STATUS_ALLOC_FAILED|RESOURCE_EXHAUSTED/i,
  /(can't|cannot|could not|couldn't|unable to|failed to) allocate\b/i,
  /\b(not enough|insufficient) (\w+ ){0,3}memory\b(?! slots?)/i,
  /\bbad_alloc\b|\bbad allocation\b/i,
  /ran out of memory/i,
  /Invalid buffer size: [\d.]+ [KMGT]i?B/i,
  /paging file is too small/i,
];

const SERVER_TYPE =
  /AcceleratorError$|DeferredCudaCallError$|CudaError$|CUDARuntimeError$|(^|\.)(ImportError|ModuleNotFoundError|PermissionError|FileNotFoundError|ConnectionError|ConnectionRefusedError|ConnectionResetError|BrokenPipeError|SafetensorError)$/i;
const SERVER = [
  // The accelerator and its driver.
  /\b(CUDA|HIP|ROCm|XPU|SYCL|NPU|NCCL|cuDNN|cuBLAS|MIOpen|NVRTC|NVML|MPS)\b[\w ]{0,100}\b(error|failed|failure|driver|initiali[sz]ation)\b/i,
  /\b(cuda|hip)Error\w+|CUDA_ERROR_\w+|\b(CUBLAS|CUDNN|CUSOLVER|CUSPARSE|CUFFT|HIPBLAS|ROCBLAS|MIOPEN)_?STATUS_\w+/i,
  /illegal memory access|device-side assert|no kernel image|unspecified launch failure|misaligned address/i,
  /not compiled with|not linked with (CUDA|ROCm)|No (CUDA|HIP|XPU) (GPUs|devices?) (are )?available|NVIDIA driver/i,
  /not (currently )?(implemented|supported) (for|on) the MPS|unable to find an engine to execute/i,
  /DEVICE_(REMOVED|HUNG|LOST)|device (instance )?(has been )?(suspended|removed|lost)|fallen off the bus/i,
  // The disk and the system.
  /No space left on device|disk (is )?full|not enough space on the disk|Disk quota exceeded|PytorchStreamWriter failed/i,
  /Read-only file system|Input\/output error|Too many open files|Stale (NFS )?file handle|Transport endpoint/i,
  /\[(Errno (2|5|13|23|24|28|30|107|116|122)|WinError (2|3|5|112))\]|can't start new thread/,
  // The installation.
  /No module named|cannot import name|DLL load failed|undefined symbol|cannot open shared object file|GLIBC\w{0,10}_[\d.]+/i,
  /partially initialized module|module '[\w.]+' has no attribute|working triton installation|Failed to find C compiler/i,
  // Broken files.
  /HeaderTooLarge|MetadataIncompleteBuffer|Error while deserializing header|PytorchStreamReader failed|invalid load key/i,
  // Downloads and remote calls.
  /Max retries exceeded|Connection refused|name resolution|getaddrinfo failed|Network is unreachable/i,
];

export function classifyError({ exception_type: type, exception_message: message }: ExecutionError): ErrorKind {
  if (OUT_OF_MEMORY_TYPE.test(type) || OUT_OF_MEMORY.some((words) => words.test(message))) return 'OUT_OF_MEMORY';
  if (SERVER_TYPE.test(type) || SERVER.some((words) => words.test(message))) return 'SERVER';
  return 'NODE';
}
