/** One signal that follows several, and lets go of them: listeners left on a long-lived signal would pile up. */
export type Linked = { signal: AbortSignal; abort(reason?: unknown): void; unlink(): void };

export function linked(sources: (AbortSignal | undefined)[]): Linked {
  const controller = new AbortController();
  const stops = sources.flatMap((source) => {
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
      for (const stop of stops) stop();
    },
  };
}
