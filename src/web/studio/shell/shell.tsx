/** The frame of the studio: its rooms, and the state of the connection. */
import { History, type LucideIcon, ServerCog, UserRound, WandSparkles, Workflow } from 'lucide-react';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { Link, Route, Router, Switch, useRoute } from 'wouter';
import { useHashLocation } from 'wouter/use-hash-location';
import { signedIn } from '../api/account';
import { graphql } from '../api/graphql';
import { useRemembered } from '../api/remembered';
import { ImportTarget } from '../import/import-target';
import { Background } from '../live/background/background';
import { Button } from '../ui/button';
import { Waiting } from '../ui/waiting';
import { Banner } from './banner';
import { FailureBoundary } from './failure-boundary';
import { roomOf, ShownAddress, usePath, usePathOfRoom, useShownAddress } from './hash-location';
import { Mark } from './mark';
import { NotFound } from './not-found';
import css from './shell.module.css';
import { scrollToTop, useScroll } from './use-scroll';

const CreateRoom = lazy(() => import('../create/create-room'));
const HistoryRoom = lazy(() => import('../history/history-room'));
const WorkflowsRoom = lazy(() => import('../workflows/workflows-room'));
const AccountRoom = lazy(() => import('../account/account-room'));
const AdminRoom = lazy(() => import('../admin/admin-room'));

const VIEWER = graphql(`
  query Viewer {
    viewer { id email name role }
  }
`);

export default function Shell() {
  const { t } = useTranslation();
  const [{ data }] = useQuery({ query: VIEWER });
  const isAdmin = useRemembered(`role:${signedIn.get()}`, data?.viewer?.role) === 'ADMIN';
  return (
    <Router hook={usePath}>
      <Suspense fallback={null}>
        <Background />
      </Suspense>
      <div className={css.shell}>
        <Button look="primary" className={css.skip} onClick={() => document.getElementById('main')?.focus()}>
          {t('skip')}
        </Button>
        <div className={css.side}>
          <nav className={css.nav} aria-label={t('nav.label')}>
            <Mark className={css.mark} />
            <NavLink to="/" icon={WandSparkles} text={t('nav.create')} />
            <NavLink to="/history" icon={History} text={t('nav.history')} />
            <NavLink to="/workflows" icon={Workflow} text={t('nav.workflows')} />
            {isAdmin && <NavLink to="/admin" icon={ServerCog} text={t('nav.admin')} />}
            <NavLink to="/account" icon={UserRound} text={t('nav.account')} isLast />
          </nav>
          <Banner />
        </div>
        <main id="main" tabIndex={-1} className={css.main}>
          <Suspense fallback={<Waiting />}>
            <Rooms />
          </Suspense>
        </main>
        <FailureBoundary>
          <ImportTarget />
        </FailureBoundary>
      </div>
    </Router>
  );
}

function Rooms() {
  const shown = useShownAddress();
  useScroll(shown);
  return (
    <ShownAddress value={shown}>
      <Router hook={usePathOfRoom}>
        {/* A failure ends with its room. */}
        <FailureBoundary key={roomOf(shown)}>
          <Switch>
            <Route path="/" component={CreateRoom} />
            <Route path="/history/*?" component={HistoryRoom} />
            <Route path="/workflows/*?" component={WorkflowsRoom} />
            <Route path="/account/*?" component={AccountRoom} />
            <Route path="/admin/*?" component={AdminRoom} />
            <Route component={NotFound} />
          </Switch>
        </FailureBoundary>
      </Router>
    </ShownAddress>
  );
}

type NavLinkProps = { to: string; icon: LucideIcon; text: string; isLast?: boolean };

function NavLink({ to, icon: Icon, text, isLast = false }: NavLinkProps) {
  const [isCurrent] = useRoute(to === '/' ? '/' : `${to}/*?`);
  const [address] = useHashLocation();
  return (
    <Link
      to={to}
      className={isLast ? `${css.link} ${css.last}` : (css.link ?? '')}
      aria-current={isCurrent ? 'page' : undefined}
      onClick={(event) => {
        if (address !== to) return;
        event.preventDefault();
        scrollToTop();
      }}
    >
      <Icon aria-hidden size={22} />
      {text}
    </Link>
  );
}
