/** A list of things with their details and buttons. */
import type { ReactNode, Ref } from 'react';
import css from './rows.module.css';

/** The usual height of a row. */
const ROW_REM = 4;

type RowsProps = { label: string; children: ReactNode };

export const Rows = ({ label, children }: RowsProps) => (
  <ul className={css.rows} aria-label={label}>
    {children}
  </ul>
);

type RowProps = {
  title: ReactNode;
  badge?: ReactNode;
  details?: ReactNode;
  actions?: ReactNode;
  /** Below the row. */
  children?: ReactNode;
  ref?: Ref<HTMLLIElement>;
};

export const Row = ({ title, badge, details, actions, children, ref }: RowProps) => (
  <li ref={ref} className={css.row}>
    <div className={css.main}>
      <div className={css.title}>
        <strong>{title}</strong>
        {badge}
      </div>
      {details && <div className={css.details}>{details}</div>}
    </div>
    {actions && <div className={css.actions}>{actions}</div>}
    {children && <div className={css.more}>{children}</div>}
  </li>
);

type BadgeProps = { look?: 'plain' | 'good' | 'warn' | 'danger'; children: ReactNode };

export const Badge = ({ look = 'plain', children }: BadgeProps) => (
  <span className={`${css.badge} ${css[look]}`}>{children}</span>
);

/** Instead of an empty list. */
export const Nothing = ({ children }: { children: ReactNode }) => <p className={css.nothing}>{children}</p>;

/** In place of a list that is loading. @param count of its rows */
export const RowsWaiting = ({ count = 2 }: { count?: number }) => (
  <div className={css.waiting} style={{ height: `${count * ROW_REM}rem` }} aria-hidden />
);
