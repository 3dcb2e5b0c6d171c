/** Keeps a failure in one room from taking the page down. */
import { Component, type ReactNode, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useIsReachable } from '../api/connection';
import { Button } from '../ui/button';
import css from './place.module.css';

type State = { hasFailed: boolean };

export class FailureBoundary extends Component<{ children: ReactNode }, State> {
  override state: State = { hasFailed: false };

  static getDerivedStateFromError(): State {
    return { hasFailed: true };
  }

  override render(): ReactNode {
    if (!this.state.hasFailed) return this.props.children;
    return <Failure />;
  }
}

/** Without a network, it is the scripts of the room that are missing: they are loaded as soon as they can be. */
function Failure() {
  const { t } = useTranslation();
  const isReachable = useIsReachable();
  const [isOfNetwork, setIsOfNetwork] = useState(!isReachable);
  if (!isReachable && !isOfNetwork) setIsOfNetwork(true);
  const isOver = isOfNetwork && isReachable;
  useEffect(() => {
    if (isOver) location.reload();
  }, [isOver]);
  return (
    <div role="alert" className={css.place}>
      <h1>{t(isOfNetwork ? 'failed.offline' : 'failed.title')}</h1>
      {!isOfNetwork && <Button onClick={() => location.reload()}>{t('failed.again')}</Button>}
    </div>
  );
}
