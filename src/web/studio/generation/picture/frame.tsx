/** The newest preview of a generation. The last frame stays until the next one has loaded, so that nothing flickers. */
import { type ReactNode, useState } from 'react';
import css from './frame.module.css';

type FrameProps = {
  url: string | undefined;
  alt?: string;
  /** By default it fills its parent, and cuts nothing off. */
  className?: string | undefined;
  /** What is shown until the first frame has loaded. */
  children?: ReactNode;
};

export function Frame({ url, alt = '', className = css.frame, children }: FrameProps) {
  const [shown, setShown] = useState<string>();
  const [loading, setLoading] = useState(url);
  const [settled, setSettled] = useState<string>();
  // One at a time: on a slow network each frame would otherwise be replaced before it has arrived.
  if (url !== loading && url !== undefined && (loading === undefined || settled === loading)) setLoading(url);
  return (
    <>
      {shown ? <img className={className} src={shown} alt={alt} /> : children}
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
