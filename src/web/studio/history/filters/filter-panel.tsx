/** The less common filters. */
import { Popover } from '@base-ui/react/popover';
import { ListFilter } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { graphql } from '../../api/graphql';
import { useWorkflowWords } from '../../generation/use-workflow-words';
import { buttonClass } from '../../ui/button';
import { TextField } from '../../ui/field';
import { SelectField } from '../../ui/forms/select-field';
import { useLayer } from '../../ui/layers/use-layer';
import { type Filter, KINDS, STATUSES } from './filter';
import css from './filter-panel.module.css';

const CHOICES = graphql(`
  query FilterChoices {
    workflows { id name title createdAt }
    checkpoints: models(kind: CHECKPOINT) { id name }
    diffusionModels: models(kind: DIFFUSION_MODEL) { id name }
  }
`);

type PanelProps = {
  filter: Filter;
  /** How many filters of the panel are set. */
  count: number;
  /** What the button that closes it says. */
  shows: string;
  onChange(part: Partial<Filter>): void;
};

export function FilterPanel({ filter, count, shows, onChange }: PanelProps) {
  const { t } = useTranslation('history');
  const [isOpen, setIsOpen] = useState(false);
  useLayer(isOpen, () => setIsOpen(false));
  return (
    <Popover.Root open={isOpen} onOpenChange={setIsOpen}>
      <Popover.Trigger className={buttonClass('plain', css.trigger)}>
        <ListFilter aria-hidden size={18} />
        <span className={css.name}>{t('filter.more')}</span>
        {count > 0 && (
          <span className={css.count}>
            {count}
            <span className="visually-hidden">{t('filter.set')}</span>
          </span>
        )}
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner className={css.positioner ?? ''} sideOffset={8} align="end" collisionPadding={12}>
          <Popover.Popup className={css.popup ?? ''}>
            <Popover.Title className="visually-hidden">{t('filter.more')}</Popover.Title>
            <Fields filter={filter} onChange={onChange} />
            {/* It covers the gallery on a phone. */}
            <div className={css.foot}>
              <Popover.Close className={buttonClass('primary', css.close)}>{shows}</Popover.Close>
            </div>
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}

function Fields({ filter, onChange }: Omit<PanelProps, 'count' | 'shows'>) {
  const { t } = useTranslation('history');
  const wordsOf = useWorkflowWords();
  const [{ data }] = useQuery({ query: CHOICES });
  const workflows = (data?.workflows ?? []).map((workflow) => [workflow.name, wordsOf(workflow).title] as const);
  const models = [...(data?.checkpoints ?? []), ...(data?.diffusionModels ?? [])].map(
    ({ name }) => [name, name] as const,
  );
  const statuses = Object.keys(STATUSES) as (keyof typeof STATUSES)[];
  const kinds = Object.keys(KINDS) as (keyof typeof KINDS)[];
  return (
    <div className={css.fields}>
      <Choice
        label={t('filter.status')}
        value={filter.status}
        options={statuses.map((status) => [status, t(`filter.statuses.${status}`)])}
        onChange={(value) => onChange({ status: statuses.find((status) => status === value) ?? '' })}
      />
      <Choice
        label={t('filter.kind')}
        value={filter.kind}
        options={kinds.map((kind) => [kind, t(`filter.kinds.${kind}`)])}
        onChange={(value) => onChange({ kind: kinds.find((kind) => kind === value) ?? '' })}
      />
      <Choice
        label={t('filter.workflow')}
        value={filter.workflow}
        options={workflows}
        onChange={(workflow) => onChange({ workflow })}
      />
      <Choice
        label={t('filter.model')}
        value={filter.model}
        options={models}
        onChange={(model) => onChange({ model })}
      />
      <div className={css.days}>
        <TextField
          label={t('filter.from')}
          type="date"
          value={filter.from}
          max={filter.to || undefined}
          onChange={(event) => onChange({ from: event.target.value })}
        />
        <TextField
          label={t('filter.to')}
          type="date"
          value={filter.to}
          min={filter.from || undefined}
          onChange={(event) => onChange({ to: event.target.value })}
        />
      </div>
      <Choice
        label={t('filter.order')}
        all={t('filter.newest')}
        value={filter.order}
        options={[['oldest', t('filter.oldest')]]}
        onChange={(value) => onChange({ order: value === 'oldest' ? value : '' })}
      />
    </div>
  );
}

type ChoiceProps = {
  label: string;
  /** The words for no choice. */
  all?: string;
  value: string;
  options: readonly (readonly [value: string, text: string])[];
  onChange(value: string): void;
};

function Choice({ label, all, value, options, onChange }: ChoiceProps) {
  const { t } = useTranslation('history');
  // A workflow or a model that is gone may still have made pictures.
  const isKnown = !value || options.some(([option]) => option === value);
  return (
    <SelectField label={label} value={value} onChange={(event) => onChange(event.target.value)}>
      <option value="">{all ?? t('filter.all')}</option>
      {!isKnown && <option value={value}>{value}</option>}
      {options.map(([option, text]) => (
        <option key={option} value={option}>
          {text}
        </option>
      ))}
    </SelectField>
  );
}
