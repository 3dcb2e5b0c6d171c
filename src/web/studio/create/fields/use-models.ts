/** The models of a kind, as options of a picker. */
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { graphql } from '../../api/graphql';
import type { Option } from '../../ui/inputs/select';
import type { FormInput } from '../inputs/form-input';

const MODELS = graphql(`
  query Models($kind: ModelKind) {
    models(kind: $kind) { id name filename folder available }
    backends { id state }
  }
`);

type Models = {
  /** Available ones first. */
  options: Option[];
  /** @returns the name of a model that is given by its name or its file */
  nameOf(value: string | undefined): string | undefined;
  /** False while no ComfyUI is online: then nothing is available, and that is said elsewhere. */
  isUnavailable(value: string | undefined): boolean;
  /** A ComfyUI that came online may have brought models. */
  reread(): void;
};

export function useModels(kind: FormInput['modelKind']): Models {
  const { t } = useTranslation('create');
  const [{ data }, read] = useQuery({ query: MODELS, variables: { kind } });
  const models = data?.models ?? [];
  const isSomeOnline = data?.backends?.some(({ state }) => state !== 'OFFLINE') ?? false;
  const find = (value: string | undefined) =>
    models.find(
      ({ name, filename }) => name === value || filename.replaceAll('\\', '/') === value?.replaceAll('\\', '/'),
    );
  return {
    options: models
      .map(({ name, available }) => ({ value: name, label: name, note: available ? undefined : t('model.absent') }))
      .sort((one, other) => Number(one.note !== undefined) - Number(other.note !== undefined)),
    nameOf: (value) => find(value)?.name ?? value,
    reread: () => read({ requestPolicy: 'network-only' }),
    isUnavailable: (value) => value !== undefined && data?.models != null && isSomeOnline && !find(value)?.available,
  };
}
