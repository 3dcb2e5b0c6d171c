/** Reads `/metrics` as Prometheus does. */
export const TOKEN = 'a token for tests, of 32 characters or more';

export type Sample = { name: string; labels: Record<string, string>; value: number };
export type Scraped = { text: string; names: Set<string>; samples: Sample[] };

export async function scrape({ url }: { url: string }): Promise<Scraped> {
  const response = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } });
  if (response.status !== 200) throw new Error(`/metrics responded ${response.status}: ${await response.text()}`);
  const text = await response.text();
  const names = new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => String(name)));
  return { text, names, samples: text.split('\n').flatMap(sampleOf) };
}

function sampleOf(line: string): Sample[] {
  const [, name, labels = '', value] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  if (name === undefined) return [];
  const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)];
  return [
    {
      name,
      labels: Object.fromEntries(pairs.map(([, key, text]) => [String(key), String(text)])),
      value: Number(value),
    },
  ];
}

/** The sum of the samples with these labels; undefined if there is none. */
export function sumOf({ samples }: Scraped, name: string, labels: Record<string, string> = {}): number | undefined {
  const found = samples.filter(
    (sample) => sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
  );
  return found.length === 0 ? undefined : found.reduce((sum, { value }) => sum + value, 0);
}
