/** The line above GraphiQL: who is signed in, whether pictures are simulated, whether the server is there. */
import { useEffect, useState, useSyncExternalStore } from 'react';
import { isRefused } from './answer';
import type { Memory } from './memory';
import { post } from './post';
import type { Session } from './session';

const LOOK_EVERY_MS = 5_000;
const LOOK_AGAIN_AFTER_MS = 1_500;
const LOOK = '{ viewer { email } backends { isSimulated } }';

type Props = { url: URL; memory: Memory; session: Session };
type Seen = { email: string; isSimulated: boolean };

export function Status({ url, memory, session }: Props) {
  const isAway = useIsAway(url);
  const seen = useViewer(url, memory, session, isAway);
  const signOut = async () => {
    await post(url, { query: 'mutation { signOut }' }, session.sign({}).headers);
    memory.forgetTokens();
  };
  return (
    <header className="status">
      <strong>ComfyGraph</strong>
      {isAway && <span role="alert">The server does not answer. Trying again …</span>}
      {seen?.isSimulated && <span className="note">Pictures are simulated: no model draws them.</span>}
      <span className="who">
        {seen ? (
          <>
            <span>
              Signed in as <b>{seen.email}</b>
            </span>
            <button type="button" onClick={signOut}>
              Sign out
            </button>
          </>
        ) : (
          <span>Not signed in</span>
        )}
      </span>
    </header>
  );
}

/** Whether the server was away when it was last looked at. */
function useIsAway(url: URL): boolean {
  const [isAway, setIsAway] = useState(false);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    let isLeft = false;
    const look = async () => {
      const isThere = await fetch(new URL('healthz', url), { cache: 'no-store' }).then(
        ({ ok }) => ok,
        () => false,
      );
      if (isLeft) return;
      setIsAway(!isThere);
      timer = setTimeout(look, isThere ? LOOK_EVERY_MS : LOOK_AGAIN_AFTER_MS);
    };
    void look();
    return () => {
      isLeft = true;
      clearTimeout(timer);
    };
  }, [url]);
  return isAway;
}

/** Who is signed in, asked again whenever that changes, in this tab or another, and when the server is back. */
function useViewer(url: URL, memory: Memory, session: Session, isAway: boolean): Seen | undefined {
  const token = useSyncExternalStore(memory.onTokens, () => memory.accessToken);
  const [seen, setSeen] = useState<Seen>();
  useEffect(() => {
    let isLeft = false;
    const look = async () => {
      const answer = await post(url, { query: LOOK }, session.sign({}).headers);
      // The renewed token begins another look.
      if (isRefused(answer.errors) && (await session.renew(token))) return;
      const { viewer, backends } = (answer.data ?? {}) as {
        viewer?: { email: string } | null;
        backends?: { isSimulated: boolean }[] | null;
      };
      if (!isLeft && viewer)
        setSeen({ email: viewer.email, isSimulated: backends?.some(({ isSimulated }) => isSimulated) ?? false });
    };
    if (token === undefined) setSeen(undefined);
    else if (!isAway) void look();
    return () => {
      isLeft = true;
    };
  }, [url, session, token, isAway]);
  return seen;
}
