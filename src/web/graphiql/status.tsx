/** The line above GraphiQL: the signed-in user, whether pictures are simulated, whether the server responds. */
import { useEffect, useState, useSyncExternalStore } from 'react';
import type { Memory } from '../session/memory';
import { post } from '../session/post';
import { isUnauthenticated } from '../session/response';
import type { Session } from '../session/session';
import { Mark } from '../studio/shell/mark';

const CHECK_INTERVAL_MS = 5_000;
const CHECK_RETRY_MS = 1_500;
const STATUS_QUERY = '{ viewer { email } backends { isSimulated } }';

type Props = { url: URL; memory: Memory; session: Session };
type Status = { email: string; isSimulated: boolean };

export function StatusLine({ url, memory, session }: Props) {
  const isDown = useIsDown(url);
  const status = useViewer(url, memory, session, isDown);
  const signOut = async () => {
    await post(url, { query: 'mutation { signOut }' }, session.sign({}).headers);
    memory.forgetTokens();
  };
  return (
    <header className="status">
      <a className="brand" href={new URL('.', url).href}>
        <Mark />
        ComfyGraph
      </a>
      {isDown && <span role="alert">The server does not respond. Retrying …</span>}
      {status?.isSimulated && <span className="note">Pictures are simulated: no model draws them.</span>}
      <span className="who">
        {status ? (
          <>
            <span>
              Signed in as <b>{status.email}</b>
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

/** Whether the last health check failed. */
function useIsDown(url: URL): boolean {
  const [isDown, setIsDown] = useState(false);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    let isUnmounted = false;
    const check = async () => {
      const isUp = await fetch(new URL('healthz', url), { cache: 'no-store' }).then(
        ({ ok }) => ok,
        () => false,
      );
      if (isUnmounted) return;
      setIsDown(!isUp);
      timer = setTimeout(check, isUp ? CHECK_INTERVAL_MS : CHECK_RETRY_MS);
    };
    void check();
    return () => {
      isUnmounted = true;
      clearTimeout(timer);
    };
  }, [url]);
  return isDown;
}

/** The signed-in user, read again after each sign-in and sign-out, and when the server is back. */
function useViewer(url: URL, memory: Memory, session: Session, isDown: boolean): Status | undefined {
  const token = useSyncExternalStore(memory.onTokens, () => memory.accessToken);
  const [status, setStatus] = useState<Status>();
  useEffect(() => {
    let isUnmounted = false;
    const check = async () => {
      const response = await post(url, { query: STATUS_QUERY }, session.sign({}).headers);
      // The new token triggers this effect again.
      if (isUnauthenticated(response.errors) && (await session.renew(token))) return;
      const { viewer, backends } = (response.data ?? {}) as {
        viewer?: { email: string } | null;
        backends?: { isSimulated: boolean }[] | null;
      };
      if (!isUnmounted && viewer)
        setStatus({ email: viewer.email, isSimulated: backends?.some(({ isSimulated }) => isSimulated) ?? false });
    };
    if (token === undefined) setStatus(undefined);
    else if (!isDown) void check();
    return () => {
      isUnmounted = true;
    };
  }, [url, session, token, isDown]);
  return status;
}
