/** What the page learns from answers and keeps for this browser tab: who signed in, and what was created last. */

export type Memory = {
  readonly accessToken: string | undefined;
  readonly refreshToken: string | undefined;
  /** The id that the last `createGeneration` answered. */
  readonly generationId: string | undefined;
  /** Reads the `data` of an answer. */
  learn(data: unknown): void;
  /** Signs out. */
  forgetTokens(): void;
};

/** @param storage sessionStorage: a token shall not outlive the browser tab. */
export function createMemory(storage: Storage): Memory {
  const read = (name: string) => storage.getItem(`comfygraph:${name}`) ?? undefined;
  const write = (name: string, value: unknown) => {
    if (typeof value === 'string') storage.setItem(`comfygraph:${name}`, value);
    else storage.removeItem(`comfygraph:${name}`);
  };
  const rememberTokens = (session: Record<string, unknown>) => {
    write('accessToken', session.accessToken);
    write('refreshToken', session.refreshToken);
  };

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
      if (data.signOut === true) rememberTokens({});
      const created = data.createGeneration;
      if (isRecord(created) && created.id !== undefined) write('generationId', created.id);
    },
    forgetTokens() {
      rememberTokens({});
    },
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
