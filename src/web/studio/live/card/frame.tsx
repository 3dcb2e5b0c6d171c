/** The newest preview of a generation. The last frame stays until the next one has loaded, so that nothing flickers. */
import { useState } from 'react';
import css from './media.module.css';

export function Frame({ url }: { url: string | undefined }) {
  const [shown, setShown] = useState<string>();
  const [loading, setLoading] = useState(url);
  const [settled, setSettled] = useState<string>();
  // One at a time: on a slow network each frame would otherwise be replaced before it has arrived.
  if (url !== loading && url !== undefined && (loading === undefined || settled === loading)) setLoading(url);
  return (
    <>
      {shown && <img className={css.frame} src={shown} alt="" />}
      {loading && loading !== settled && (
        <img
          key={loading}
          className={css.next}
          src={loading}
          alt=""
          onLoad={() => {
            setShown(loading);
            setSettled(loading);
          }}
          onError={() => setSettled(loading)}
        />
      )}
    </>
  );
}
