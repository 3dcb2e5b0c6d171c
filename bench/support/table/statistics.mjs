/** Medians, percentiles, and rounds in which the sides alternate. */
export const at = (numbers, part) => {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
};
export const median = (numbers) => at(numbers, 0.5);
export const times = (count, act) => Array.from({ length: count }, (_, nth) => act(nth));

/**
 * Measures each side once a round, each round in another order, so that what else the machine does disturbs all sides alike.
 * @param sides by name, each a function that returns a number
 * @returns for each side its numbers, one a round
 */
export async function alternate(sides, rounds) {
  const names = Object.keys(sides);
  const measured = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    const order = round % 2 ? names.toReversed() : names;
    for (const name of order) measured[name].push(await sides[name](round));
  }
  return measured;
}

/** The ratio of two sides in each round: its median, and its lowest and highest. */
export function ratioOf(numbers, others) {
  const ratios = numbers.map((number, round) => number / others[round]);
  return { median: median(ratios), lowest: Math.min(...ratios), highest: Math.max(...ratios) };
}
