/** A note that stays, about something that the user may have to mend. */
import { type LucideIcon, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import css from './notice.module.css';

type NoticeProps = { icon?: LucideIcon; title?: string; children: ReactNode };

export const Notice = ({ icon: Icon = TriangleAlert, title, children }: NoticeProps) => (
  <div className={css.notice}>
    <Icon aria-hidden size={18} />
    <div className={css.words}>
      {title && <p>{title}</p>}
      {children}
    </div>
  </div>
);
