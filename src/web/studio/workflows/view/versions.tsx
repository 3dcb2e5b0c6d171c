/** Chooses the version that is shown. */
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { useLocation } from 'wouter';
import { graphql } from '../../api/graphql';
import { NativeSelect } from '../../ui/forms/select-field';
import css from './view.module.css';

const NEWEST = graphql(`
  query NewestVersion($name: String!) {
    workflow(name: $name) { id version }
  }
`);

/** @param isNewest whether `version` is known to be the newest */
export function useNewestVersion(name: string, version: number | undefined, isNewest: boolean): number | undefined {
  const [{ data }] = useQuery({ query: NEWEST, variables: { name }, pause: isNewest });
  return isNewest ? version : (data?.workflow?.version ?? version);
}

type VersionsProps = { name: string; version: number; newest: number };

export function Versions({ name, version, newest }: VersionsProps) {
  const { t } = useTranslation('workflows');
  const id = useId();
  const [, navigate] = useLocation();
  if (newest === 1) return null;
  return (
    <div className={css.versions}>
      <label htmlFor={id}>{t('versions.label')}</label>
      <NativeSelect
        id={id}
        value={version}
        onChange={({ currentTarget: { value } }) =>
          navigate(Number(value) === newest ? `/workflows/${name}` : `/workflows/${name}/${value}`)
        }
      >
        {Array.from({ length: newest }, (_, index) => newest - index).map((each) => (
          <option key={each} value={each}>
            {each === newest ? t('versions.newest', { version: each }) : t('version', { version: each })}
          </option>
        ))}
      </NativeSelect>
      {version !== newest && <span>{t('versions.old')}</span>}
    </div>
  );
}
