/** The rows of the table. A row compares ours with a limit that is measured in the same rounds. */
import { ratio, spread } from './format.mjs';
import { median, ratioOf } from './statistics.mjs';

/**
 * @param measured the numbers of each side, one a round: `ours`, `limit`, and perhaps `plain`
 * @param format for one number, such as `perSecond`
 * @param isLess less is better, so that the ratio is the limit to ours
 * @returns a row in which 1 means as good as the limit
 */
export function compare(what, { ours, limit, plain }, format, isLess = false) {
  const better = (mine, other) => (isLess ? ratioOf(other, mine) : ratioOf(mine, other));
  const toLimit = better(ours, limit);
  return {
    what,
    limit: format(median(limit)),
    ours: format(median(ours)),
    'of the limit': ratio(toLimit),
    spread: spread(toLimit),
    'to the plain way': plain ? `${ratio(better(ours, plain))}x of ${format(median(plain))}` : '',
  };
}

/** A row that says what ours has more than the limit, in a unit such as milliseconds. */
export function added(what, { ours, limit }, format) {
  const more = ours.map((number, round) => number - limit[round]);
  return {
    what,
    limit: format(median(limit)),
    ours: format(median(ours)),
    'of the limit': `+${format(median(more))}`,
    spread: `+${format(Math.min(...more))} – +${format(Math.max(...more))}`,
    'to the plain way': '',
  };
}
