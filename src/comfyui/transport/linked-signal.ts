/** A signal that aborts with the first of several. `unlink` removes its listeners: on a long-lived signal they would pile up. */
type Linked = { signal: AbortSignal; abort(reason?: unknown): void; unlink(): void };

export function linked(sources: (AbortSignal | undefined)[]): Linked {
  const controller = new AbortController();
  const unlinks = sources.flatMap((source) => {
    if (!source) return [];
    const follow = () => controller.abort(source.reason);
    if (source.aborted) follow();
    else source.addEventListener('abort', follow, { once: true });
    return [() => source.removeEventListener('abort', follow)];
  });
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    unlink: () => {
      for (const unlink of unlinks) unlink();
    },
  };
}
