/** What the form can do with a generation of the list. */
import { ImagePlus, SlidersHorizontal } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useClient } from 'urql';
import { problemOf } from '../api/errors';
import { graphql } from '../api/graphql';
import type { Card } from '../generation/fragments';
import { Menu, type MenuItem } from '../ui/menus/menu';
import { useSayProblem } from '../ui/problems/use-say-problem';
import { bring, type Incoming } from './incoming';

const SETTINGS = graphql(`
  query CardSettings($id: ID!) {
    generation(id: $id) { id parameters }
  }
`);

/** Kinds of files that an input takes. */
const INPUT_KINDS: readonly string[] = ['VIDEO', 'AUDIO', 'FILE'];

export function CardMenu({ card, className }: { card: Card; className: string | undefined }) {
  const { t } = useTranslation('create');
  const client = useClient();
  const sayProblem = useSayProblem();
  const input = inputOf(card);

  async function useSettings() {
    const { data, error } = await client.query(SETTINGS, { id: card.id }).toPromise();
    if (!data?.generation) return sayProblem(problemOf(error));
    const parameters = data.generation.parameters as Record<string, unknown>;
    toForm({ kind: 'settings', workflowId: card.workflow.id, parameters });
  }

  const items: MenuItem[] = [
    { icon: SlidersHorizontal, label: t('card.settings'), run: () => void useSettings() },
    ...(input ? [{ icon: ImagePlus, label: t('card.input'), run: () => toForm(input) }] : []),
  ];
  return <Menu label={t('card.more')} items={items} className={className} />;
}

/** On a phone the form is above the list, out of sight. */
function toForm(incoming: Incoming): void {
  bring(incoming);
  document.getElementById('create-title')?.scrollIntoView({ block: 'center' });
}

function inputOf({ prompt, result }: Card): Incoming | undefined {
  const image = result?.images[0];
  if (image) return { kind: 'file', id: image.id, previewUrl: image.thumbnailUrl, prompt };
  const file = result?.files.find(({ kind }) => INPUT_KINDS.includes(kind));
  return file && { kind: 'file', id: file.id, previewUrl: file.posterUrl, prompt };
}
