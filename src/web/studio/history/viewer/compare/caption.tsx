/** Says which generation a picture is of, and what it has that the other one has not. */
import { useTitle } from '../../../generation/use-title';
import type { Detail } from '../detail';
import type { Parameter } from '../facts/use-parameters';
import css from './compare.module.css';

type CaptionProps = { detail: Detail | undefined; differences: readonly Parameter[] };

export function Caption({ detail, differences }: CaptionProps) {
  const titleOf = useTitle();
  return (
    <div className={css.caption}>
      <p className={css.prompt}>{detail && titleOf(detail)}</p>
      <dl className={css.differences}>
        {differences.map(({ name, title, text }) => (
          <div key={name}>
            <dt>{title}</dt> <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
