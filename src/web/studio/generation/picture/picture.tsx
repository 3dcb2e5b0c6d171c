/** An image of a result, over its placeholder until it has loaded. Fills its parent, whose size it does not change. */
import { useDeferredValue, useMemo, useState } from 'react';
import type { CardImage } from '../fragments';
import css from './picture.module.css';
import { isDecoded, placeholderOf } from './placeholder';

type PictureProps = {
  image: CardImage;
  alt: string;
  /** The width on the page, as `sizes` of an `img`. */
  sizes: string;
  /** `contain` shows all of it, `cover` leaves no margin. */
  fit?: 'contain' | 'cover';
};

export function Picture({ image, alt, sizes, fit = 'cover' }: PictureProps) {
  const { thumbHash, thumbnailUrl, largeThumbnailUrl, isAnimated, url } = image;
  // After a jump in the gallery, the next frame would wait for dozens of new placeholders.
  const decoded = useDeferredValue(thumbHash, isDecoded(thumbHash) ? thumbHash : null);
  const backgroundImage = useMemo(() => placeholderOf(decoded), [decoded]);
  const [hasLoaded, setHasLoaded] = useState(false);
  const stills = `${thumbnailUrl} 384w, ${largeThumbnailUrl} 768w`;
  return (
    <picture className={css.picture} style={{ backgroundImage }}>
      {isAnimated && <source media="(prefers-reduced-motion: no-preference)" srcSet={url} />}
      <img
        className={css.image}
        style={{ objectFit: fit }}
        data-loaded={hasLoaded}
        src={thumbnailUrl}
        srcSet={stills}
        sizes={sizes}
        alt={alt}
        loading="lazy"
        decoding="async"
        draggable={false}
        onLoad={() => setHasLoaded(true)}
      />
    </picture>
  );
}
