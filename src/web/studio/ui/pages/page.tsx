/** A room of text and forms: a title, parts with links, and sections. */
import { ArrowLeft } from 'lucide-react';
import { type ReactNode, useId } from 'react';
import { Link } from 'wouter';
import css from './page.module.css';

type PageProps = {
  title: string;
  lead?: ReactNode;
  actions?: ReactNode;
  /** Leads to the page above this one. */
  back?: { to: string; text: string };
  children: ReactNode;
};

export function Page({ title, lead, actions, back, children }: PageProps) {
  return (
    <div className={css.page}>
      {back && (
        <Link to={back.to} className={css.back ?? ''}>
          <ArrowLeft aria-hidden size={18} />
          {back.text}
        </Link>
      )}
      <header className={css.head}>
        <div>
          <h1>{title}</h1>
          {lead && <p className={css.lead}>{lead}</p>}
        </div>
        {actions && <div className={css.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}

type Part = { to: string; text: string; isCurrent: boolean };

/** Links to the parts of a room. */
export function Parts({ label, parts }: { label: string; parts: readonly Part[] }) {
  return (
    <nav className={css.parts} aria-label={label}>
      {parts.map(({ to, text, isCurrent }) => (
        <Link key={to} to={to} className={css.part ?? ''} aria-current={isCurrent ? 'page' : undefined}>
          {text}
        </Link>
      ))}
    </nav>
  );
}

type SectionProps = { title: string; lead?: ReactNode; actions?: ReactNode; isDanger?: boolean; children?: ReactNode };

export function Section({ title, lead, actions, isDanger = false, children }: SectionProps) {
  const id = useId();
  return (
    <section className={isDanger ? `${css.section} ${css.danger}` : css.section} aria-labelledby={id}>
      <header className={css.head}>
        <div>
          <h2 id={id}>{title}</h2>
          {lead && <p className={css.lead}>{lead}</p>}
        </div>
        {actions && <div className={css.actions}>{actions}</div>}
      </header>
      {children}
    </section>
  );
}
