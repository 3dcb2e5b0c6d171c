/** What the page learns from answers: who signed in, for all of its browser tabs, and what this one created last. */

export type Memory = {
  readonly accessToken: string | undefined;
  readonly refreshToken: string | undefined;
  /** The id that the last `createGeneration` answered. */
  readonly generationId: string | undefined;
  /** Reads the `data` of an answer. */
  learn(data: unknown): void;
  /** Signs out. */
  forgetTokens(): void;
  /** Calls whenever somebody has signed in or out, in whichever tab. */
  onTokens(listener: () => void): () => void;
};

type Tokens = { accessToken?: unknown; refreshToken?: unknown };
type Message = { tokens: Tokens } | 'who is signed in?';

/**
 * @param storage sessionStorage: a token shall not outlive the browser tab.
 * @param channel tells the other tabs, which keep their own copy; a new one asks them.
 */
export function createMemory(storage: Storage, channel = new BroadcastChannel('comfygraph')): Memory {
  const listeners = new Set<() => void>();
  const read = (name: string) => storage.getItem(`comfygraph:${name}`) ?? undefined;
  const write = (name: string, value: unknown) => {
    if (typeof value === 'string') storage.setItem(`comfygraph:${name}`, value);
    else storage.removeItem(`comfygraph:${name}`);
  };
  const keepTokens = ({ accessToken, refreshToken }: Tokens) => {
    write('accessToken', accessToken);
    write('refreshToken', refreshToken);
    for (const listener of listeners) listener();
  };
  const tell = (message: Message) => channel.postMessage(message);
  const rememberTokens = (tokens: Tokens) => {
    const { accessToken, refreshToken } = tokens;
    keepTokens(tokens);
    tell({ tokens: { accessToken, refreshToken } });
  };
  channel.addEventListener('message', ({ data }: MessageEvent<Message>) => {
    if (typeof data === 'object') keepTokens(data.tokens);
    else if (read('accessToken'))
      tell({ tokens: { accessToken: read('accessToken'), refreshToken: read('refreshToken') } });
  });
  if (!read('accessToken')) tell('who is signed in?');

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
      // signUp, signIn, refreshSession and changePassword, whatever the document calls them: all answer with a Session.
      for (const answer of Object.values(data)) {
        if (isRecord(answer) && typeof answer.accessToken === 'string') rememberTokens(answer);
      }
      if (data.signOut === true || data.deleteAccount === true) rememberTokens({});
      const created = data.createGeneration;
      if (isRecord(created) && created.id !== undefined) write('generationId', created.id);
    },
    forgetTokens() {
      rememberTokens({});
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
