/** Who is signed in decides what the page is: the welcome, or the studio of this user. */
import { lazy, Suspense, useEffect, useSyncExternalStore } from 'react';
import { signedIn } from './api/account';
import { Announcements } from './ui/attention/announce';
import { keepFocus } from './ui/attention/keep-focus';
import { Toasts } from './ui/toast';
import { Waiting } from './ui/waiting';

const Welcome = lazy(() => import('./welcome/welcome'));
const Studio = lazy(() => import('./studio'));

export function App() {
  const userId = useSyncExternalStore(signedIn.subscribe, signedIn.get);
  useEffect(keepFocus, []);
  return (
    <>
      <Suspense fallback={<Waiting />}>{userId ? <Studio key={userId} /> : <Welcome />}</Suspense>
      <Announcements />
      <Toasts />
    </>
  );
}
