/** State that a page takes from responses: the tokens, shared by all browser tabs, and the generation created last. */
import type { TokenStorage } from './token-storage';

export type Memory = {
  readonly accessToken: string | undefined;
  readonly refreshToken: string | undefined;
  /** The id that the last `createGeneration` returned. */
  readonly generationId: string | undefined;
  /** Reads the `data` of a response. */
  learn(data: unknown): void;
  /** Signs out. */
  forgetTokens(): void;
  /** Calls `listener` after each sign-in and sign-out, in any tab. */
  onTokens(listener: () => void): () => void;
};

type Tokens = { accessToken?: unknown; refreshToken?: unknown };
type Message = { tokens: Tokens } | 'request tokens';

/**
 * @param storage of this tab, unless the user stays signed in
 * @param channel connects the tabs, which have a copy of the tokens each; a new tab requests them
 */
export function createMemory(storage: TokenStorage, channel = new BroadcastChannel('comfygraph')): Memory {
  const listeners = new Set<() => void>();
  const read = (name: string) => storage.getItem(`comfygraph:${name}`) ?? undefined;
  const write = (name: string, value: unknown) => {
    if (typeof value === 'string') storage.setItem(`comfygraph:${name}`, value);
    else storage.removeItem(`comfygraph:${name}`);
  };
  const writeTokens = ({ accessToken, refreshToken }: Tokens) => {
    write('accessToken', accessToken);
    write('refreshToken', refreshToken);
    for (const listener of listeners) listener();
  };
  const broadcast = (message: Message) => channel.postMessage(message);
  const shareTokens = (tokens: Tokens) => {
    const { accessToken, refreshToken } = tokens;
    writeTokens(tokens);
    broadcast({ tokens: { accessToken, refreshToken } });
  };
  channel.addEventListener('message', ({ data }: MessageEvent<Message>) => {
    if (typeof data === 'object') writeTokens(data.tokens);
    else if (read('accessToken'))
      broadcast({ tokens: { accessToken: read('accessToken'), refreshToken: read('refreshToken') } });
  });
  if (!read('accessToken')) broadcast('request tokens');

  return {
    get accessToken() {
      return read('accessToken');
    },
    get refreshToken() {
      return read('refreshToken');
    },
    get generationId() {
      return read('generationId');
    },
    learn(data) {
      if (!isRecord(data)) return;
      // signUp, signIn, refreshSession and changePassword return a Session, under any alias.
      for (const value of Object.values(data)) {
        if (isRecord(value) && typeof value.accessToken === 'string') shareTokens(value);
      }
      if (data.signOut === true || data.deleteAccount === true) shareTokens({});
      const created = data.createGeneration;
      if (isRecord(created) && created.id !== undefined) write('generationId', created.id);
    },
    forgetTokens() {
      shareTokens({});
    },
    onTokens(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
