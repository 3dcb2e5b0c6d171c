/** A binary heap with the exact layout of Python's `heapq`: `GET /queue` returns that layout. */
export type Less<T> = (a: T, b: T) => boolean;

export function push<T>(heap: T[], item: T, less: Less<T>): void {
  heap.push(item);
  rise(heap, 0, heap.length - 1, less);
}

/** Removes and returns the smallest item; undefined when the heap is empty. */
export function pop<T>(heap: T[], less: Less<T>): T | undefined {
  const last = heap.pop();
  const smallest = heap[0];
  if (last === undefined || smallest === undefined) return last;
  heap[0] = last;
  sink(heap, 0, less);
  return smallest;
}

/** Reorders a list into a heap. */
export function heapify<T>(list: T[], less: Less<T>): void {
  for (let at = Math.floor(list.length / 2) - 1; at >= 0; at--) sink(list, at, less);
}

function rise<T>(heap: T[], from: number, at: number, less: Less<T>): void {
  const item = heap[at] as T;
  let position = at;
  while (position > from) {
    const parentAt = (position - 1) >> 1;
    const parent = heap[parentAt] as T;
    if (!less(item, parent)) break;
    heap[position] = parent;
    position = parentAt;
  }
  heap[position] = item;
}

/** Like `heapq`, moves the smaller children up to the end and then raises the item, which needs fewer comparisons. */
function sink<T>(heap: T[], from: number, less: Less<T>): void {
  const item = heap[from] as T;
  let position = from;
  for (let child = 2 * position + 1; child < heap.length; child = 2 * position + 1) {
    const right = child + 1;
    if (right < heap.length && !less(heap[child] as T, heap[right] as T)) child = right;
    heap[position] = heap[child] as T;
    position = child;
  }
  heap[position] = item;
  rise(heap, from, position, less);
}
